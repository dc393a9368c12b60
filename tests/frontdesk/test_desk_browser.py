"""The inbox in Chromium, under the headers that the web process sends: what people do in it, and what goes wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

import httpx
import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser, BrowserContext, Page, expect

from prp_guide import clock
from prp_guide.clinic import Clinic
from prp_guide.frontdesk import CallbackRequest, CallbackStore, Inbox, OpeningHours, Outbox, sign_in
from prp_guide.home import Home
from prp_guide.web.desk import news
from tests.frontdesk.conftest import make_clinic, make_link
from tests.frontdesk.desk_server import DeskServer
from tests.support.browser import find_chromium

pytestmark = pytest.mark.skipif(find_chromium() is None, reason="no Chromium on this machine")

# What the browser itself says of answers that are meant, and of a server that is away.
EXPECTED = ("status of 40", "status of 42", "status of 500", "net::ERR_")
HOSTILE = "<img src=x onerror=alert(1)>\"' </textarea><script>alert(2)</script>"


@pytest.fixture
def clinic() -> Clinic:
    return make_clinic(hours=None)


@pytest.fixture
def server(
    home: Home, engine: sa.engine.Engine, store: CallbackStore, clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> Iterator[DeskServer]:
    monkeypatch.setattr(news, "LOOK_EVERY", 0.2)
    monkeypatch.setattr(news, "CHECK_EVERY", 1.0)
    running = DeskServer(home, engine, store, clinic)
    running.start()
    yield running
    running.stop()


Enter = Callable[..., Page]


@pytest.fixture
def enter(browser: Browser, server: DeskServer, engine: sa.engine.Engine) -> Iterator[Enter]:
    """A page of somebody who is signed in: enter("Ana"). Nothing may go wrong on any of them unseen."""
    contexts: list[BrowserContext] = []
    faults: list[str] = []

    def enter(user: str = "Ana", width: int = 1280, height: int = 800, **options: object) -> Page:
        context = browser.new_context(viewport={"width": width, "height": height}, **options)  # type: ignore[arg-type]
        context.set_default_timeout(10_000)
        contexts.append(context)
        context.on("weberror", lambda fault: faults.append(str(fault.error)))
        context.on("console", lambda line: faults.append(line.text) if line.type == "error" else None)
        page = context.new_page()
        page.goto(server.address + sign_in.link_path(make_link(engine, user)))
        page.wait_for_url(f"{server.address}/desk")
        return page

    yield enter
    for context in contexts:
        context.close()
    assert [fault for fault in faults if not any(words in fault for words in EXPECTED)] == []


def ask(store: CallbackStore, name: str, **fields: object) -> str:
    given = {"name": name, "phone": "310 555 0147", "best_time": "mornings", **fields}
    return store.create(CallbackRequest.checked(**given), name).reference


def events(store: CallbackStore, reference: str) -> list[tuple[str, str, str | None]]:
    return [(event.actor, event.event, event.detail) for event in store.history(reference)][1:]


def test_a_request_from_new_to_done(enter: Enter, store: CallbackStore) -> None:
    page = enter()
    expect(page.locator("h1")).to_have_text("No one is waiting.")
    reference = ask(store, "Jo Park", voicemail_ok=False, lang="es")
    expect(page.locator("h1")).to_have_text("1 to call now")  # by itself
    expect(page.locator("#news")).to_have_text("1 to call now")
    expect(page).to_have_title("(1) Callback requests · The Clinic")
    page.get_by_role("button", name="Next call").click()
    expect(page.get_by_role("link", name="Call (310) 555-0147")).to_have_attribute("href", "tel:+13105550147")
    expect(page.locator("#chosen")).to_contain_text("Spanish")
    expect(page.locator("#chosen")).to_contain_text("No voicemail")
    page.get_by_role("button", name="Existing").click()
    expect(page.get_by_role("button", name="Existing")).to_have_attribute("aria-pressed", "true")
    page.get_by_label("Note").fill("Asked about Tuesdays.")
    page.get_by_role("button", name="Booked").click()
    expect(page.locator("#just")).to_contain_text("Jo Park: booked, off the list.")
    expect(page.locator("h1")).to_have_text("No one is waiting.")
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("link", name="Call (310) 555-0147")).to_be_visible()  # still theirs
    page.get_by_role("button", name="Reached").click()
    expect(page.locator("#just")).to_contain_text("Jo Park: reached, off the list.")
    page.locator("#tab-done").click()
    expect(page.locator(".request")).to_contain_text("Reached")
    assert events(store, reference) == [
        ("Ana", "claimed", None),
        ("Ana", "known", "existing"),
        ("Ana", "noted", "Asked about Tuesdays."),
        ("Ana", "booked", None),
        ("Ana", "undone", "booked"),
        ("Ana", "reached", None),
    ]


def test_two_claim_the_same_one_and_one_is_told_by_name(enter: Enter, store: CallbackStore) -> None:
    reference = ask(store, "Jo Park")
    ana, kim = enter("Ana"), enter("Kim")
    for page in (ana, kim):
        page.locator(f"#open-{reference}").click()
        expect(page.get_by_role("button", name="Take this call")).to_be_visible()
    by_itself = "x-prp-by-itself"  # what would tell Kim in time
    kim.route("**/requests/**", lambda one: one.abort() if by_itself in one.request.headers else one.fallback())
    ana.get_by_role("button", name="Take this call").click()
    expect(ana.get_by_role("link", name="Call (310) 555-0147")).to_be_visible()
    kim.get_by_label("Note").fill("I was about to call.")
    kim.get_by_role("button", name="Take this call").click()
    expect(kim.locator("#fault")).to_have_text("Ana has taken Jo Park. Nothing was changed.")
    kim.unroute_all(behavior="ignoreErrors")
    kim.evaluate("deskLive.refresh()")
    expect(kim.locator("#chosen-call")).to_contain_text("Ana has this request")
    expect(kim.get_by_label("Note")).to_have_value("I was about to call.")
    assert kim.get_by_role("link", name="Call (310) 555-0147").count() == 0
    kim.get_by_role("button", name="Take it over").click()
    expect(kim.get_by_role("link", name="Call (310) 555-0147")).to_be_visible()
    assert [event for _, event, _ in events(store, reference)] == ["claimed", "taken_over"]


def test_pages_that_go_do_not_silence_those_that_stay(enter: Enter, server: DeskServer, store: CallbackStore) -> None:
    stays = enter("Ana")
    session = {str(cookie["name"]): str(cookie["value"]) for cookie in stays.context.cookies()}
    for round_ in range(3):
        for _ in range(5):  # cut off while the server waits for something to tell
            with httpx.stream("GET", f"{server.address}/desk/news", cookies=session) as stream:
                next(stream.iter_lines())
        ask(store, f"Caller {round_}")
        expect(stays.locator("#news")).to_have_text(f"{round_ + 1} to call now")


def test_the_other_page_hears_of_it_at_once(enter: Enter, store: CallbackStore) -> None:
    reference = ask(store, "Jo Park")
    ana, kim = enter("Ana"), enter("Kim")
    kim.locator(f"#open-{reference}").click()
    kim.get_by_label("Note").fill("half a thou")
    ana.get_by_role("button", name="Next call").click()
    expect(kim.locator("#chosen-call")).to_contain_text("Ana has this request")
    expect(kim.get_by_label("Note")).to_have_value("half a thou")
    assert kim.evaluate("document.activeElement.id") == "note"
    expect(kim.locator(f"#{reference}")).to_contain_text("Ana, less than 1 min")


def test_a_lost_connection_loses_no_note(enter: Enter, store: CallbackStore, server: DeskServer) -> None:
    reference = ask(store, "Jo Park")
    page = enter()
    page.locator(f"#open-{reference}").click()
    page.get_by_label("Note").fill("Kept before.")
    expect(page.locator("#kept")).to_have_text("Kept, not added yet.")
    server.stop()
    expect(page.locator("#lost")).to_contain_text("No connection")
    page.get_by_label("Note").fill("Kept before. And written in the dark.")
    expect(page.locator("#kept")).to_contain_text("No connection: kept in this window")
    page.get_by_role("button", name="Reached").click()
    expect(page.locator("#fault")).to_contain_text("Nothing was changed, and what you wrote is kept")
    server.start()
    expect(page.locator("#lost")).to_be_hidden()
    expect(page.locator("#kept")).to_have_text("Kept, not added yet.")
    page.reload()
    expect(page.get_by_label("Note")).to_have_value("Kept before. And written in the dark.")
    page.get_by_role("button", name="Reached").click()
    expect(page.locator("#just")).to_contain_text("reached")
    assert events(store, reference) == [
        ("Ana", "noted", "Kept before. And written in the dark."),
        ("Ana", "reached", None),
    ]


def test_a_crashed_window_gives_the_note_back(enter: Enter, store: CallbackStore, server: DeskServer) -> None:
    reference = ask(store, "Jo Park")
    page = enter()
    page.goto(f"{server.address}/desk/requests/{reference}")
    page.get_by_label("Note").fill("Then the window was gone")
    expect(page.locator("#kept")).to_have_text("Kept, not added yet.")
    other = page.context.new_page()
    page.close(run_before_unload=False)
    other.goto(f"{server.address}/desk")
    expect(other.locator(f"#{reference}")).to_contain_text("Note begun")
    other.locator(f"#open-{reference}").click()
    expect(other.get_by_label("Note")).to_have_value("Then the window was gone")


def test_what_a_lost_server_never_got_is_for_its_writer_alone(
    enter: Enter, store: CallbackStore, server: DeskServer, engine: sa.engine.Engine
) -> None:
    reference = ask(store, "Jo Park")
    page = enter("Ana")
    page.goto(f"{server.address}/desk/requests/{reference}")
    page.route("**/draft", lambda route: route.abort())
    page.get_by_label("Note").fill("Never arrived")
    expect(page.locator("#kept")).to_contain_text("No connection")
    sign_in.sign_out_everywhere(engine, "Ana")  # by her, on another computer
    expect(page.locator("h1")).to_have_text("You are signed out")
    for user, text in (("Kim", ""), ("Ana", "Never arrived")):
        page.goto(server.address + sign_in.link_path(make_link(engine, user)))
        page.wait_for_url(f"{server.address}/desk")
        page.goto(f"{server.address}/desk/requests/{reference}")
        expect(page.locator("#options")).to_be_visible()
        expect(page.get_by_label("Note")).to_have_value(text)


def test_a_second_window_overwrites_nothing(enter: Enter, store: CallbackStore, server: DeskServer) -> None:
    reference = ask(store, "Jo Park")
    first = enter()
    first.goto(f"{server.address}/desk/requests/{reference}")
    first.get_by_label("Note").fill("one")
    expect(first.locator("#kept")).to_have_text("Kept, not added yet.")
    second = first.context.new_page()
    second.goto(f"{server.address}/desk/requests/{reference}")
    second.get_by_label("Note").fill("one, and two")
    expect(second.locator("#kept")).to_have_text("Kept, not added yet.")
    first.get_by_label("Note").fill("one, and three")
    expect(first.locator("#kept")).to_have_text("Kept, not added yet.")
    first.reload()
    texts = {first.get_by_label("Note").input_value(), first.locator(".others bdi").inner_text()}
    assert texts == {"one, and two", "one, and three"}


def test_an_ended_session_takes_names_away_and_keeps_the_note(
    enter: Enter, store: CallbackStore, server: DeskServer, engine: sa.engine.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    reference = ask(store, "Jo Park")
    page = enter()
    page.goto(f"{server.address}/desk/requests/{reference}")
    real = clock.now
    page.get_by_label("Note").press_sequentially("Half")
    monkeypatch.setattr(clock, "now", lambda: real() + sign_in.IDLE_LIFE)
    expect(page.locator("h1")).to_have_text("You are signed out")
    assert "Jo Park" not in page.content()
    monkeypatch.setattr(clock, "now", real)
    page.goto(server.address + sign_in.link_path(make_link(engine)))
    page.wait_for_url(f"{server.address}/desk")
    page.goto(f"{server.address}/desk/requests/{reference}")
    expect(page.get_by_label("Note")).to_have_value("Half")


def test_one_is_warned_before_one_is_signed_out(
    enter: Enter, server: DeskServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = enter()
    real = clock.now
    monkeypatch.setattr(clock, "now", lambda: real() + sign_in.IDLE_LIFE - timedelta(seconds=40))
    page.route("**/desk/news", lambda route: route.abort())
    page.goto(f"{server.address}/desk/left")  # keeps nobody awake
    monkeypatch.setattr(sign_in, "TOUCH_EVERY", sign_in.IDLE_LIFE)  # nor does looking at the page, for this test
    page.goto(f"{server.address}/desk")
    expect(page.get_by_role("dialog")).to_contain_text("Are you still there?", timeout=12_000)
    monkeypatch.setattr(sign_in, "TOUCH_EVERY", timedelta(minutes=1))
    with page.expect_response("**/desk/awake"):
        page.get_by_role("button", name="Stay signed in").click()
    page.goto(f"{server.address}/desk/left")
    assert page.evaluate("JSON.parse(document.body.innerText).left") > 3500


def test_call_later_and_search(enter: Enter, store: CallbackStore) -> None:
    first, second = ask(store, "Jo Park"), ask(store, "Bo Diaz", phone="310 555 0199")
    page = enter()
    page.keyboard.press("n")
    expect(page.locator("#chosen-name")).to_have_text("Jo Park")
    expect(page.locator("#options")).to_be_visible()  # the script is there
    page.keyboard.press("l")
    page.get_by_role("button", name="In 30 min").click()
    expect(page.locator("#just")).to_contain_text("Jo Park: for later, after")
    expect(page.locator("h1")).to_have_text("1 to call now")
    page.locator("#tab-later").click()
    expect(page.locator(".request")).to_have_count(1)
    page.get_by_role("searchbox").fill("0199")
    page.keyboard.press("Enter")
    expect(page.locator(".request h3")).to_have_text("Bo Diaz")
    page.get_by_role("searchbox").fill("jo pa")
    page.keyboard.press("Enter")
    expect(page.locator(".request h3")).to_have_text("Jo Park")
    assert events(store, second) == []
    assert [event for _, event, _ in events(store, first)] == ["claimed", "slept"]


def test_by_keys_alone(enter: Enter, store: CallbackStore) -> None:
    reference = ask(store, "Jo Park")
    page = enter()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_contain_text("Left voicemail")
    page.keyboard.press("Escape")
    page.keyboard.press("n")
    expect(page.get_by_role("link", name="Call (310) 555-0147")).to_be_visible()
    expect(page.locator("#options")).to_be_visible()  # the script is there
    page.keyboard.press("m")
    page.keyboard.type("no r or b in a note does anything")
    page.keyboard.press("Escape")
    page.keyboard.press("v")
    expect(page.locator("#just")).to_contain_text("voicemail left, again after")
    expect(page.locator("#options")).to_be_visible()
    page.keyboard.press("u")
    expect(page.get_by_role("link", name="Call (310) 555-0147")).to_be_visible()
    expect(page.locator("#options")).to_be_visible()
    page.keyboard.press("?")
    page.get_by_label("Use these keys").uncheck()
    page.keyboard.press("Escape")
    page.locator("h1").click()
    page.keyboard.press("r")
    page.wait_for_timeout(300)
    assert [event for _, event, _ in events(store, reference)] == ["claimed", "noted", "voicemail", "undone"]


def test_unread_and_urgent_ones_call_out(enter: Enter, store: CallbackStore) -> None:
    page = enter()
    page.evaluate("localStorage.setItem('desk-sound', 'on')")
    page.reload()
    expect(page.get_by_role("button", name="Sound for urgent ones")).to_have_attribute("aria-pressed", "true")
    page.evaluate(
        "() => { Object.defineProperty(document, 'hidden', {get: () => true, configurable: true});"
        " window.rung = 0; addEventListener('desk-urgent', () => window.rung += 1); }"
    )
    ask(store, "Jo Park")
    ask(store, "Bo Diaz", priority="urgent")
    expect(page).to_have_title("(2 new) (2) Callback requests · The Clinic")
    expect(page.locator(".urgent-block")).to_contain_text("Bo Diaz")
    assert page.evaluate("window.rung") == 1


def test_hostile_texts_are_inert(enter: Enter, store: CallbackStore, server: DeskServer) -> None:
    reference = ask(store, HOSTILE[:80], best_time=HOSTILE, note=HOSTILE)
    page = enter(width=320, height=700)
    page.on("dialog", lambda dialog: pytest.fail(dialog.message))
    page.locator(f"#open-{reference}").click()
    page.get_by_label("Note").fill(HOSTILE)
    expect(page.locator("#kept")).to_have_text("Kept, not added yet.")
    page.reload()
    expect(page.get_by_label("Note")).to_have_value(HOSTILE)
    page.get_by_role("button", name="Add note").click()
    expect(page.locator(".history")).to_contain_text(HOSTILE)
    assert page.locator(".chosen img, .chosen script").count() == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
def test_accessible_and_no_wider_than_the_screen(
    enter: Enter, store: CallbackStore, server: DeskServer, scheme: str, width: int
) -> None:
    axe_module = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed")
    ask(store, "Jo Park", best_time="noon " * 39 + "x", note="n" * 500, priority="urgent")
    reference = ask(store, "Bo Diaz", lang="es", voicemail_ok=True)
    page = enter(width=width, color_scheme=scheme, bypass_csp=True)
    for path in (
        f"/desk/requests/{reference}",
        "/desk",
        "/desk?tab=done",
        "/desk?q=jo",
        "/desk/people",
        "/desk/sign-in",
    ):
        page.goto(server.address + path)
        if "requests" in path:
            page.get_by_role("button", name="Take this call").click()
            page.locator("#call").wait_for()
            page.locator("#later").evaluate("node => node.open = true")
        for details in page.locator("#filters").all():
            details.evaluate("node => node.open = true")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
        found = axe_module.Axe().run(page)
        assert found.violations_count == 0, found.generate_report()
    page.goto(f"{server.address}/desk")
    page.get_by_role("button", name="Keyboard shortcuts").click()
    page.get_by_role("dialog").wait_for()
    found = axe_module.Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


def test_the_link_leaves_no_trace_and_works_once(enter: Enter, engine: sa.engine.Engine, server: DeskServer) -> None:
    page = enter()
    page.get_by_role("button", name="Sign out").click()
    expect(page.locator("h1")).to_have_text("You are signed out")
    link = make_link(engine)
    page.goto(server.address + sign_in.link_path(link))
    page.wait_for_url(f"{server.address}/desk")
    page.go_back()
    assert link not in page.url
    page.goto(server.address + sign_in.link_path(link))
    # The refusal is a 403, which the browser's console names.
    expect(page.locator("h1")).to_have_text("This link is no longer good")


def test_name_and_password(enter: Enter, server: DeskServer, inbox: Inbox, engine: sa.engine.Engine) -> None:
    page = enter("Ana")
    page.goto(f"{server.address}/desk/people")
    for label in ("New password", "The same again"):
        page.get_by_label(label).fill("correct horse battery")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status")).to_contain_text("Your password is set.")
    page.get_by_role("button", name="Sign out", exact=True).click()
    page.get_by_role("link", name="Sign in").click()
    page.get_by_label("Name").fill("ana")
    page.get_by_label("Password").fill("correct horse")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_have_text("Name or password is not right.")
    page.get_by_label("Password").fill("correct horse battery")
    page.get_by_role("button", name="Sign in").click()
    expect(page.locator("h1")).to_have_text("No one is waiting.")
    expect(page.locator("#people")).to_have_text("Ana")


def test_it_works_without_javascript(
    browser: Browser, server: DeskServer, engine: sa.engine.Engine, store: CallbackStore
) -> None:
    reference = ask(store, "Jo Park")
    token = sign_in.redeem(engine, make_link(engine))
    assert token
    context = browser.new_context(java_script_enabled=False)
    context.add_cookies([{"name": "prp-desk", "value": token, "url": server.address}])
    page = context.new_page()
    page.goto(f"{server.address}/desk")
    page.click("text=Next call")
    page.fill("#note", "By hand.")
    page.click("text=No answer")
    expect(page.locator("h1")).to_have_text("No one is waiting.")
    page.click("text=Undo")
    expect(page.locator("#call")).to_have_text("Call (310) 555-0147")
    page.click("text=Mark done")
    context.close()
    assert store.list("done")[0].reference == reference
    assert [event for _, event, _ in events(store, reference)] == ["claimed", "noted", "no_answer", "undone", "done"]


def test_a_dead_letter_is_sent_again(
    enter: Enter, server: DeskServer, engine: sa.engine.Engine, clinic: Clinic
) -> None:
    store = CallbackStore(engine, OpeningHours(clinic), ["a receiver with quite a long name, " + "x" * 40])
    first, second = ask(store, "Jo Park"), ask(store, "Ana")
    box = Outbox(engine)
    assert box.bury([]) == 2
    page = enter(width=320, height=700)
    page.get_by_role("link", name="2 deliveries did not arrive").click()
    expect(page.get_by_role("heading", name="Deliveries")).to_be_in_viewport()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_role("button", name=first).press("Enter")
    expect(page.get_by_role("link", name="1 delivery did not arrive")).to_be_visible()
    assert [letter.reference for letter in box.dead()] == [second]
