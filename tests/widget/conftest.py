"""The widget on a clinic's own site, in Chromium: page, road and web process are real, replies are the product's own.

Which reply a sentence gets is settled here, in Rasa's place, so that a test can have each kind of message at will. The
conversations with the trained model are in tests/end_to_end.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from prp_guide import database
from prp_guide.home import Home
from prp_guide.replies import Replies
from tests.web.web_process import CLINIC, ORIGIN, Web, make_home, message, reply, running_channel, running_web
from tests.widget.site import Road, Site, running_road, running_site

LAUNCHER = "Questions about PRP?"
HOURS = "hours: {mon: '00:00-23:59', tue: '00:00-23:59', wed: '00:00-23:59', thu: '00:00-23:59', fri: '00:00-23:59', "
HOURS += "sat: '00:00-23:59', sun: '00:00-23:59'}\n"
HOSTILE = "<img src=x onerror=alert(1)><script>alert(2)</script> [tap](javascript:alert(3))"
# A folder for a picture of each state in each environment, to look at.
PICTURES = os.environ.get("PRP_PICTURES")


def said(replies: Replies, turn: dict[str, Any]) -> list[dict[str, Any]]:
    """The product's reply to a turn, by what it contains."""
    text, choice = str(turn.get("text") or "").lower(), str(turn.get("choice") or "")
    if choice.startswith(("topic:request_callback", "callback:")):
        return [replies.callback_step("name").as_dict()]
    if choice.startswith("topic:"):
        return [replies.topic(choice.removeprefix("topic:")).as_dict()]
    if "lavar" in text:
        return [replies.topic("washing", "es").as_dict()]
    if "unclear" in text:
        return [replies.clarify(["washing", "exercise", "sun"]).as_dict()]
    if "bad phone" in text:
        return [replies.callback_step("phone", error="That number is too short. Please write all 10 digits.").as_dict()]
    if "two things" in text:
        return [replies.topic(topic).as_dict() for topic in ("washing", "cost")]
    if "hostile" in text:
        return [
            message(
                HOSTILE,
                source={"section": HOSTILE, "url": "javascript:alert(4)", "reviewed": None},
                choices=[{"id": "topic:washing", "label": HOSTILE}],
                actions=[{"label": HOSTILE, "href": "javascript:alert(5)"}],
            )
        ]
    return [replies.topic("washing").as_dict()]


@dataclass
class Chat:
    """The chat on the clinic's page."""

    page: Page
    site: Site
    road: Road
    web: Web

    def visit(self, path: str = "/") -> Chat:
        self.page.goto(self.site.url + path)
        expect(self.launcher).to_be_visible()
        return self

    def open(self) -> Chat:
        self.launcher.click()
        expect(self.starters.first).to_be_visible()
        return self

    def ask(self, text: str, answer: str | None = "48 hours") -> Chat:
        """Ask, and wait for words of the answer."""
        before = self.items.count()
        self.input.fill(text)
        self.page.keyboard.press("Enter")
        if answer:
            expect(self.items.nth(before + 1)).to_contain_text(answer)
        return self

    def settled(self) -> Chat:
        """Nothing is under way any more."""
        expect(self.page.get_by_role("status")).to_have_text("")
        return self

    @property
    def launcher(self) -> Locator:
        return self.page.locator(".launcher")

    @property
    def panel(self) -> Locator:
        return self.page.locator(".panel")

    @property
    def log(self) -> Locator:
        return self.page.get_by_role("log")

    @property
    def items(self) -> Locator:
        return self.log.locator(".item")

    @property
    def input(self) -> Locator:
        return self.page.locator("#input")

    @property
    def starters(self) -> Locator:
        return self.items.first.locator(".choice")

    @property
    def trouble(self) -> Locator:
        return self.page.locator("#problem")

    def button(self, name: str) -> Locator:
        return self.page.get_by_role("button", name=name, exact=True)

    @property
    def focused(self) -> str:
        """Class or id of what has the focus inside the widget, "" when nothing there has."""
        found: str = self.page.evaluate(
            "() => { const it = document.querySelector('prp-guide').shadowRoot.activeElement;"
            " return it ? it.id || it.className : '' }"
        )
        return found


@dataclass
class Places:
    site: Site
    road: Road
    web: Web


@pytest.fixture(scope="module")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("widget") / "empty.db"
    database.migrate(f"sqlite:///{path}")
    with database.engine(f"sqlite:///{path}").connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    return path


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory, empty_database: Path) -> Iterator[Places]:
    home: Home = make_home(tmp_path_factory.mktemp("widget-home"), empty_database)
    with running_site() as site, running_road() as road, running_channel() as channel:
        home.clinic_file.write_text(CLINIC.replace(ORIGIN, site.url) + HOURS, encoding="utf-8")
        with running_web(home, channel) as web:
            site.source, road.target = road.url, web.url
            channel.answer = lambda turn: reply(*said(web.services.replies, turn))
            yield Places(site, road, web)


@pytest.fixture
def chat(places: Places, page: Page) -> Iterator[Chat]:
    """The clinic's page, the chat closed. A violation of the page's policy fails the test."""
    places.road.trouble = None
    places.road.carried.clear()
    page.add_init_script(
        "addEventListener('securitypolicyviolation', event => console.error('POLICY ' + event.violatedDirective))"
    )
    refused: list[str] = []
    page.on("console", lambda said: refused.append(said.text) if _is_refusal(said.text) else None)
    yield Chat(page, places.site, places.road, places.web).visit()
    assert refused == []


def _is_refusal(text: str) -> bool:
    return "POLICY" in text or "Content Security Policy" in text or "Trusted" in text


@pytest.fixture
def picture(request: pytest.FixtureRequest) -> Callable[[Page], None]:
    """Keeps a picture of the page under PRP_PICTURES, if that is set."""

    def keep(page: Page) -> None:
        if PICTURES:
            name = re.sub(r"[^\w-]+", "-", request.node.name).strip("-")
            page.screenshot(path=Path(PICTURES) / f"{name}.png")

    return keep
