"""The inbox in Chromium, under the headers that the web process sends."""

from __future__ import annotations

import shutil
import socket
import threading
from collections.abc import Iterator
from types import SimpleNamespace

import pytest
import sqlalchemy as sa
import uvicorn
from playwright.sync_api import Browser, Page, expect, sync_playwright
from starlette.applications import Starlette
from starlette.middleware import Middleware

from prp_guide.clinic import Clinic
from prp_guide.frontdesk import Attendance, CallbackRequest, CallbackStore, Inbox, OpeningHours, Outbox, sign_in
from prp_guide.home import Home
from prp_guide.web import desk
from prp_guide.web.headers import SecurityHeaders
from tests.frontdesk.conftest import make_link

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")


class NoTopics:
    topics: dict[str, object] = {}  # noqa: RUF012

    def fresh(self) -> NoTopics:
        return self


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def address(home: Home, engine: sa.engine.Engine, store: CallbackStore, clinic: Clinic) -> Iterator[str]:
    app = Starlette(routes=desk.routes, middleware=[Middleware(SecurityHeaders)])
    app.state.services = SimpleNamespace(
        home=home,
        clinic=clinic,
        library=NoTopics(),
        durable=engine,
        callbacks=store,
        inbox=Inbox.of(engine, OpeningHours(clinic)),
        hours=OpeningHours(clinic),
        outbox=Outbox(engine),
        attendance=Attendance(engine, clinic),
    )
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, ws="none"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    server.should_exit = True
    thread.join(10)
    listener.close()


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 320, "height": 700})
    page = context.new_page()
    page.set_default_timeout(10_000)
    faults: list[str] = []
    page.on("pageerror", lambda fault: faults.append(str(fault)))
    page.on("console", lambda line: faults.append(line.text) if line.type == "error" else None)
    yield page
    context.close()
    assert [fault for fault in faults if "status of 40" not in fault and "status of 500" not in fault] == []


def ask(store: CallbackStore, name: str) -> str:
    asked = CallbackRequest.checked(name=name, phone="310 555 0147", best_time="noon " * 39 + "x", note="n" * 500)
    return store.create(asked, name).reference


def test_from_link_to_done(page: Page, address: str, engine: sa.engine.Engine, store: CallbackStore) -> None:
    first = ask(store, "Jo <b>Park</b>")
    page.goto(address + sign_in.link_path(make_link(engine)))
    page.wait_for_url(f"{address}/desk")
    expect(page.locator("h1")).to_have_text("1 to call now")
    expect(page.locator(".requests h2")).to_have_text("Jo <b>Park</b>")
    expect(page.get_by_role("link", name="Call (310) 555-0147")).to_have_attribute("href", "tel:+13105550147")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")

    # The list refreshes itself, and leaves the focus where it was.
    page.locator(f"#mark-{first}").focus()
    ask(store, "Al")
    page.evaluate("refresh()")
    expect(page.locator("h1")).to_have_text("2 to call now")
    expect(page).to_have_title("(2) Callback requests · The Clinic")
    expect(page.locator("#news")).to_have_text("2 to call now")
    assert page.evaluate("document.activeElement.id") == f"mark-{first}"

    page.keyboard.press("Enter")
    expect(page.get_by_text("is marked done.")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("h1")).to_have_text("2 to call now")


def test_the_link_leaves_no_trace_and_works_once(
    page: Page, address: str, engine: sa.engine.Engine, store: CallbackStore
) -> None:
    link = make_link(engine)
    page.goto(address + sign_in.link_path(link))
    page.wait_for_url(f"{address}/desk")
    page.get_by_role("button", name="Sign out").click()
    expect(page.locator("h1")).to_have_text("You are signed out")
    page.go_back()
    assert link not in page.url
    page.goto(address + sign_in.link_path(link))
    # The refusal is a 403, which the browser's console names.
    expect(page.locator("h1")).to_have_text("This link is no longer good")


def test_when_the_session_ends_names_leave_the_screen(
    page: Page, address: str, engine: sa.engine.Engine, store: CallbackStore
) -> None:
    ask(store, "Jo")
    page.goto(address + sign_in.link_path(make_link(engine)))
    page.wait_for_url(f"{address}/desk")
    token = next(cookie["value"] for cookie in page.context.cookies() if cookie["name"] == "prp-desk")
    sign_in.sign_out(engine, token)
    page.evaluate("refresh()")
    expect(page.locator("h1")).to_have_text("You are signed out")
    assert "Jo" not in page.content()


def test_a_lost_server_is_told(page: Page, address: str, engine: sa.engine.Engine, store: CallbackStore) -> None:
    page.goto(address + sign_in.link_path(make_link(engine)))
    page.wait_for_url(f"{address}/desk")
    page.route("**/desk/queue*", lambda route: route.fulfill(status=500, json={"title": "No."}))
    page.evaluate("refresh()")
    expect(page.locator("#lost")).to_contain_text("may be out of date")
    page.unroute("**/desk/queue*")
    page.evaluate("refresh()")
    expect(page.locator("#lost")).to_be_hidden()


def test_it_works_without_javascript(
    browser: Browser, address: str, engine: sa.engine.Engine, store: CallbackStore
) -> None:
    reference = ask(store, "Jo")
    token = sign_in.redeem(engine, make_link(engine))
    assert token
    context = browser.new_context(java_script_enabled=False)
    context.add_cookies([{"name": "prp-desk", "value": token, "url": address}])
    page = context.new_page()
    page.goto(f"{address}/desk")
    page.click("text=Mark done")
    expect(page.locator("h1")).to_have_text("No one is waiting.")
    page.locator("#tab-done").click()
    expect(page.locator(".requests h2")).to_have_text("Jo")
    context.close()
    assert store.list("done")[0].reference == reference


def test_a_dead_letter_is_sent_again(page: Page, address: str, engine: sa.engine.Engine, clinic: Clinic) -> None:
    store = CallbackStore(engine, OpeningHours(clinic), ["a receiver with quite a long name, " + "x" * 40])
    first, second = ask(store, "Jo Park"), ask(store, "Ana")
    box = Outbox(engine)
    assert box.bury([]) == 2
    page.goto(address + sign_in.link_path(make_link(engine)))
    page.wait_for_url(f"{address}/desk")
    page.get_by_role("link", name="2 deliveries did not arrive").click()
    expect(page.get_by_role("heading", name="Deliveries")).to_be_in_viewport()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_role("button", name=first).press("Enter")
    page.wait_for_url(f"{address}/desk#deliveries")
    expect(page.get_by_role("link", name="1 delivery did not arrive")).to_be_visible()
    assert [letter.reference for letter in box.dead()] == [second]
