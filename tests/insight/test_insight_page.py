"""The owner's page in Chromium, under the headers that the web process sends."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator

import pytest
import sqlalchemy as sa
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect

from prp_guide.clinic import Clinic
from prp_guide.content import Library
from prp_guide.frontdesk import CallbackStore, OpeningHours, sign_in
from prp_guide.frontdesk.users import OWNER, STAFF
from prp_guide.home import Home
from prp_guide.replies import Replies
from prp_guide.web.desk import insight
from tests.frontdesk.conftest import make_link
from tests.frontdesk.desk_server import DeskServer
from tests.insight.conftest import ago
from tests.support.browser import find_chromium
from tests.support.conversations import Conversations

pytestmark = pytest.mark.skipif(find_chromium() is None, reason="no Chromium on this machine")
PRICE = ["how much is it", "how much does it cost", "what does one session cost", "price please", "what is the price"]


@pytest.fixture
def server(
    home: Home, engine: sa.engine.Engine, clinic: Clinic, library: Library, replies: Replies, said: Conversations
) -> Iterator[DeskServer]:
    for number, words in enumerate(PRICE):
        said.converse(ago(days=number), (words, [replies.topic("cost")]))
        said.converse(ago(days=number), ("can i wash", [replies.topic("washing")]), helpful=number > 2)
        said.request(ago(days=number, hours=2), called=None)
    said.converse(ago(days=9), ("<img src=x onerror=alert(1)>", [replies.clarify(["cost"])]))
    said.converse(ago(days=2), ("help", [replies.card("emergency")]))
    said.store()
    running = DeskServer(home, engine, CallbackStore(engine, OpeningHours(clinic)), clinic, library, widget=True)
    running.start()
    yield running
    running.stop()


Enter = Callable[..., Page]


@pytest.fixture
def enter(browser: Browser, server: DeskServer, engine: sa.engine.Engine) -> Iterator[Enter]:
    """A page of somebody who is signed in. Nothing may go wrong on any of them unseen."""
    contexts: list[BrowserContext] = []
    faults: list[str] = []

    def enter(role: str = OWNER, width: int = 1280, **options: object) -> Page:
        context = browser.new_context(viewport={"width": width, "height": 800}, **options)  # type: ignore[arg-type]
        context.set_default_timeout(20_000)
        contexts.append(context)
        context.on("weberror", lambda fault: faults.append(str(fault.error)))
        context.on("console", lambda line: faults.append(line.text) if line.type == "error" else None)
        page = context.new_page()
        page.goto(server.address + sign_in.link_path(make_link(engine, f"A {role}", role)))
        page.wait_for_url(f"{server.address}/desk")
        return page

    yield enter
    for context in contexts:
        context.close()
    assert [fault for fault in faults if "status of 40" not in fault] == []


def test_from_the_inbox_to_the_gaps(enter: Enter, server: DeskServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(insight, "PATIENCE", 60.0)
    page = enter()
    page.set_default_timeout(90_000)
    page.get_by_role("link", name="What patients asked").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("What patients asked")
    expect(page.locator(".tile").first).to_contain_text("11 questions in 11 conversations")
    gaps = page.locator(".gaps > li")
    expect(gaps.first).to_contain_text("What does it cost?")
    expect(gaps.first).to_contain_text("5 asked. Your page does not say.")
    expect(gaps.first.locator("q")).to_have_count(1)
    assert gaps.first.locator("q").inner_text() in PRICE
    expect(gaps.nth(1)).to_contain_text("3 of 5 who voted found the answer not helpful.")
    expect(gaps.first).not_to_contain_text("data/topics/cost.yml")
    expect(page.locator("#gap-unplaced-questions .write")).to_have_attribute("href", "/desk/new-answer")
    page.get_by_role("link", name="7 days").click()
    expect(page.locator(".tile").first).to_contain_text("10 questions")


def test_the_figures_do_not_wait_for_the_words(
    enter: Enter, server: DeskServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(insight, "PATIENCE", 0.0)
    page = enter()
    page.goto(f"{server.address}/desk/insight")
    expect(page.locator(".gaps > li").first).to_contain_text("5 asked. Your page does not say.")
    expect(page.locator("main").get_by_role("status")).to_contain_text("still being gathered")


def test_the_gaps_lead_to_where_their_answers_are_written(enter: Enter, server: DeskServer) -> None:
    page = enter()
    page.goto(f"{server.address}/desk/insight")
    page.locator("#gap-silent-cost .write").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("What does it cost?")
    expect(page.locator('[name="reply.en"]')).to_be_editable()


def test_tables_are_downloaded(enter: Enter, server: DeskServer) -> None:
    page = enter()
    page.goto(f"{server.address}/desk/insight?days=7")
    links = page.locator(".downloads a")
    expect(links).to_have_count(5)
    for number in range(5):
        with page.expect_download() as waiting:
            links.nth(number).click()
        rows = list(csv.reader(waiting.value.path().read_text("utf-8").splitlines()))
        assert len(rows) > 1
        assert re.fullmatch(r"prp-[a-z-]+-2026-11-23\.csv", waiting.value.suggested_filename)


@pytest.mark.parametrize("path", ["/desk/insight", "/desk/insight/gaps.csv"])
def test_for_owners_only(enter: Enter, server: DeskServer, browser: Browser, path: str) -> None:
    page = enter(STAFF)
    expect(page.get_by_role("link", name="What patients asked")).to_have_count(0)
    response = page.goto(server.address + path)
    assert response is not None
    assert response.status == 403
    stranger = browser.new_page()
    seen = stranger.goto(server.address + path)
    assert seen is not None
    assert "What does it cost" not in stranger.content()
    stranger.close()


def test_anybody_can_read_it(enter: Enter, server: DeskServer) -> None:
    dark: dict[str, object] = {"color_scheme": "dark"}
    for width, options in ((1280, {}), (1280, dark), (320, {}), (390, {**dark, "forced_colors": "active"})):
        page = enter(width=width, **options)
        page.goto(f"{server.address}/desk/insight")
        for summary in page.locator("summary").all():
            summary.click()
        found = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]})
        assert found.violations_count == 0, found.generate_report()
        assert page.evaluate("document.documentElement.scrollWidth") <= width
