"""The owner's answers in Chromium, under the headers that the web process sends."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect

from prp_guide import database
from prp_guide.clinic import load_clinic
from prp_guide.content import Library
from prp_guide.editor import Editor
from prp_guide.frontdesk import CallbackStore, OpeningHours, sign_in
from prp_guide.frontdesk.users import OWNER, STAFF
from prp_guide.home import PROJECT_ROOT, Home
from tests.editor.conftest import PARKING
from tests.frontdesk.conftest import make_link
from tests.frontdesk.desk_server import DeskServer
from tests.support.browser import find_chromium

pytestmark = pytest.mark.skipif(find_chromium() is None, reason="no Chromium on this machine")

CLINIC = 'name: The Clinic\nphone: "+1 310 975 9785"\ntime_zone: America/Los_Angeles\n'
SOONER = (
    "The usual wait before you wash your scalp is 48 hours, and not sooner. Hard exercise and sun on it should wait "
    "just as long. If you want to rinse or wet your hair before that, ask our front desk first at {phone}."
)
PICTURES = os.environ.get("PRP_PICTURES")
Enter = Callable[..., Page]


@pytest.fixture
def home(home: Home, monkeypatch: pytest.MonkeyPatch) -> Home:
    """With a clinic, a database, and what a model is made from."""
    home.clinic_file.write_text(CLINIC, "utf-8")
    for name in ("models", "config.yml", "domain.yml"):
        (home.root / name).symlink_to(PROJECT_ROOT / name)
    home.state.mkdir()
    monkeypatch.delenv("PRP_DATABASE_URL", raising=False)
    monkeypatch.setenv("PRP_ROOT", str(home.root))
    monkeypatch.setenv("PRP_HOME", str(home.state))
    database.migrate(home.database_url)
    return home


@pytest.fixture
def engine(home: Home) -> sa.engine.Engine:
    return database.open_database(home, durable=True)


@pytest.fixture
def server(home: Home, engine: sa.engine.Engine) -> Iterator[DeskServer]:
    clinic = load_clinic(home.clinic_file)
    running = DeskServer(
        home, engine, CallbackStore(engine, OpeningHours(clinic)), clinic, Library.load(home), widget=True
    )
    running.start()
    yield running
    running.stop()


@pytest.fixture
def enter(browser: Browser, server: DeskServer, engine: sa.engine.Engine) -> Iterator[Enter]:
    """A page of somebody who is signed in. Nothing may go wrong on any of them unseen."""
    contexts: list[BrowserContext] = []
    faults: list[str] = []

    def enter(
        path: str = "/desk/answers", role: str = OWNER, width: int = 1280, user: str = "", **options: object
    ) -> Page:
        context = browser.new_context(viewport={"width": width, "height": 900}, **options)  # type: ignore[arg-type]
        context.set_default_timeout(20_000)
        contexts.append(context)
        context.on("weberror", lambda fault: faults.append(str(fault.error)))
        context.on("console", lambda line: faults.append(line.text) if line.type == "error" else None)
        page = context.new_page()
        page.goto(server.address + sign_in.link_path(make_link(engine, user or f"A {role}", role)))
        page.wait_for_url(f"{server.address}/desk")
        page.goto(server.address + path)
        return page

    yield enter
    for context in contexts:
        context.close()
    assert [fault for fault in faults if "status of 4" not in fault] == []


def checked(page: Page, words: str | re.Pattern[str]) -> None:
    """The rules have answered, with these words."""
    expect(page.locator("#summary")).to_have_text(words, timeout=30_000)


def write(page: Page, text: str, place: str = "reply.en") -> None:
    page.locator(f'[name="{place}"]').fill(text)


def picture(page: Page, name: str) -> None:
    if PICTURES:
        Path(PICTURES).mkdir(exist_ok=True)
        page.screenshot(path=Path(PICTURES) / f"{name}.png", full_page=True)


def test_the_rules_and_the_chat_answer_while_one_types(enter: Enter, home: Home) -> None:
    page = enter()
    page.get_by_role("link", name="When can I wash my hair?").click()
    checked(page, "Every rule is kept.")
    expect(page.frame_locator("#preview").locator("prp-guide [role=log]")).to_contain_text("Wait 48 hours after PRP")
    page.locator('[name="reply.en"]').focus()
    write(page, SOONER.replace("48 hours", "24 hours").replace("and not sooner", "and it is safe"))
    checked(page, re.compile(r"^[2-9] things to put right"))
    under = page.locator('[id="f-reply.en"]')
    expect(under).to_contain_text("'24' is no value of a cited fact")
    expect(under).to_contain_text("'safe' must not be said")
    picture(page, "answer-wrong")
    write(page, SOONER)
    checked(page, "Every rule is kept.")
    expect(page.locator('[data-measure="reply.en"]')).to_contain_text("numbers you may use: 48 hours")
    shown = page.frame_locator("#preview").locator("prp-guide [role=log]")
    expect(shown).to_contain_text("The usual wait before you wash")
    expect(shown).to_contain_text("(310) 975-9785")
    # Whoever types goes on typing.
    assert page.evaluate("document.activeElement.name") == "reply.en"
    page.get_by_role("radio", name="Spanish").check()
    expect(shown).to_contain_text("Espere 48 horas")
    picture(page, "answer")
    page.get_by_label("I approve the English").check()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("status").first).to_contain_text("in the chat with the next message")
    expect(page.locator("main")).to_contain_text("English: approved by A owner until")
    topic = Library.load(home).topics["washing"]
    assert topic.reply.en == SOONER
    assert topic.approval != "none"
    assert topic.approval_es == "none"


def test_what_is_wrong_is_not_saved_and_not_lost(enter: Enter, home: Home) -> None:
    page = enter("/desk/answers/washing")
    write(page, "It is safe.")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("Nothing was saved")
    expect(page.get_by_role("alert")).to_contain_text("'safe' must not be said")
    expect(page.locator('[name="reply.en"]')).to_have_value("It is safe.")
    assert "48 hours" in Library.load(home).topics["washing"].reply.en


def test_two_editors_at_once(enter: Enter, home: Home) -> None:
    ana, ben = enter("/desk/answers/washing", user="Ana Ruiz"), enter("/desk/answers/washing", user="Ben")
    write(ana, SOONER)
    ana.get_by_role("button", name="Save", exact=True).click()
    expect(ana.get_by_role("status").first).to_contain_text("Saved")
    theirs = SOONER.replace("and not sooner", "no sooner than that")
    write(ben, theirs)
    ben.get_by_role("button", name="Save", exact=True).click()
    expect(ben.get_by_role("alert")).to_contain_text(
        "Ana Ruiz changed this while you were writing: the reply in English"
    )
    picture(ben, "answer-two-editors")
    assert Library.load(home).topics["washing"].reply.en == SOONER
    ben.get_by_role("button", name="Save mine over theirs").click()
    expect(ben.get_by_role("status").first).to_contain_text("Saved")
    assert Library.load(home).topics["washing"].reply.en == theirs
    ben.get_by_role("link", name="History").click()
    expect(ben.locator(".versions > li").first.locator("ins")).to_contain_text(["no"])
    picture(ben, "history")
    ben.get_by_role("button", name="Bring back version 1").click()
    assert "Wait 48 hours" in Library.load(home).topics["washing"].reply.en


def test_undo_and_retire(enter: Enter, home: Home) -> None:
    page = enter("/desk/answers/hair_styling")
    page.get_by_text("Retire this topic").click()
    page.get_by_role("button", name="Retire it").click()
    expect(page.get_by_role("status").first).to_contain_text("Retired")
    assert "hair_styling" not in Library.load(home).topics
    picture(page, "retired")
    page.get_by_role("button", name="Bring back").click()
    expect(page.get_by_role("status").first).to_contain_text("What was before is back.")
    assert "hair_styling" in Library.load(home).topics


def test_a_new_topic(enter: Enter, home: Home) -> None:
    page = enter()
    page.get_by_role("link", name="New topic").click()
    page.get_by_label("Name of the topic").fill("parking")
    page.get_by_label("Handed to the front desk").check()
    write(
        page,
        "Parking is not described on our page, but our team knows the garages close by. Ask which one is the nearest "
        "and if we can stamp your ticket. Call us at {phone} before you set out, or ask for a call here.",
    )
    write(page, "Where can I park?", "label.en")
    write(page, "parking", "about.en")
    checked(page, "Every rule is kept.")
    picture(page, "new")
    page.get_by_role("button", name="Make the topic").click()
    expect(page.get_by_role("alert")).to_contain_text("10 at least")
    page.get_by_label("What patients say, English").fill("\n".join(PARKING))
    page.get_by_role("button", name="Make the topic").click()
    expect(page.get_by_role("status").first).to_contain_text("once its phrases are published")
    page.get_by_role("link", name=re.compile("What patients say")).click()
    box = page.get_by_label("English")
    box.fill(box.input_value() + "\nis there room for my minivan")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status").first).to_contain_text("once they are published")
    assert Editor(home).open("parking").phrases["en"] == (*PARKING, "is there room for my minivan")
    page.goto(page.url.partition("/desk")[0] + "/desk/answers")
    expect(page.locator("#publishing")).to_contain_text("not published yet")


def test_a_fact_makes_an_answer_possible(enter: Enter, home: Home) -> None:
    page = enter("/desk/facts?topic=visit_length")
    page.get_by_label("What your page says").fill("A visit takes about 45 minutes.")
    page.get_by_label("Name", exact=False).first.fill("visit_time")
    page.get_by_label("Its numbers").fill("50 minutes")
    page.get_by_label("A few words that stand").fill("about 45 minutes")
    page.get_by_role("button", name="Add it").click()
    expect(page.get_by_role("alert")).to_contain_text("the claim does not say '50 minutes'")
    page.get_by_label("Its numbers").fill("45 minutes")
    page.get_by_role("button", name="Add it").click()
    expect(page).to_have_url(re.compile(r"/desk/answers/visit_length\?said=fact"))
    page.get_by_label("Answered from your page").check()
    page.get_by_text("Choose facts").click()
    page.get_by_label("A visit takes about 45 minutes.").check()
    write(
        page, "A visit takes about 45 minutes. " + Library.load(home).topics["visit_length"].reply.en.partition(". ")[2]
    )
    write(
        page,
        "Una visita dura unos 45 minutos. " + Library.load(home).topics["visit_length"].reply.es.partition(". ")[2],  # type: ignore[union-attr]
        "reply.es",
    )
    checked(page, "Every rule is kept.")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("status").first).to_contain_text("Saved")
    assert Library.load(home).topics["visit_length"].kind == "answer"


def test_a_fact_is_taken_out_again(enter: Enter, home: Home) -> None:
    page = enter("/desk/facts")
    expect(page.get_by_role("heading", name="Facts that no answer uses")).to_have_count(0)
    page.get_by_label("What your page says").fill("A visit is short.")
    page.get_by_label("Name", exact=False).first.fill("visit_time")
    page.get_by_label("A few words that stand").fill("short visit")
    page.get_by_role("button", name="Add it").click()
    expect(page.get_by_role("status").first).to_contain_text("The fact is added")
    page.goto(page.url.partition("/desk")[0] + "/desk/facts")
    page.get_by_role("button", name="Take out visit_time").click()
    expect(page.get_by_role("status").first).to_contain_text("taken out")
    assert "visit_time" not in Library.load(home).facts


@pytest.mark.parametrize(
    "path",
    [
        "/desk/answers",
        "/desk/answers/washing",
        "/desk/answers/washing/history",
        "/desk/answers/washing/phrases",
        "/desk/new-answer",
        "/desk/facts",
        "/desk/publishing",
    ],
)
def test_for_owners_only(enter: Enter, server: DeskServer, browser: Browser, path: str) -> None:
    page = enter("/desk", STAFF)
    expect(page.get_by_role("link", name="Answers")).to_have_count(0)
    response = page.goto(server.address + path)
    assert response is not None
    assert response.status == 403
    stranger = browser.new_page()
    seen = stranger.goto(server.address + path)
    assert seen is not None
    assert seen.status == 401
    stranger.close()


def test_a_form_from_elsewhere_changes_nothing(enter: Enter, server: DeskServer, home: Home) -> None:
    page = enter()
    for path in (
        "answers/washing",
        "answers/washing/undo",
        "answers/washing/retire",
        "publishing",
        "facts",
        "new-answer",
    ):
        for token in ("", "forged"):
            answer = page.request.post(f"{server.address}/desk/{path}", form={"form_token": token, "reply.en": SOONER})
            assert answer.status == 403
    assert "48 hours after PRP" in Library.load(home).topics["washing"].reply.en


def test_staff_cannot_post(enter: Enter, server: DeskServer, home: Home) -> None:
    page = enter("/desk", STAFF)
    token = page.locator('[name="form_token"]').first.input_value()
    for path in (
        "answers/washing",
        "answers/washing/retire",
        "publishing",
        "publishing/back",
        "facts",
        "facts/first_48_hours/remove",
    ):
        answer = page.request.post(f"{server.address}/desk/{path}", form={"form_token": token, "reply.en": SOONER})
        assert answer.status == 403
    assert "48 hours after PRP" in Library.load(home).topics["washing"].reply.en


def test_anybody_can_use_it(enter: Enter, server: DeskServer, home: Home) -> None:
    dark: dict[str, object] = {"color_scheme": "dark"}
    phrases = Editor(home).open("washing")
    Editor(home).save_phrases(
        "washing", {**phrases.phrases, "en": phrases.phrases["en"][1:]}, seen=phrases.phrases_seen, by="Ana"
    )
    paths = ("answers", "answers/washing", "answers/washing/history", "answers/cost/phrases", "new-answer", "facts")
    for width, options in ((1280, {}), (1280, dark), (320, {}), (390, {**dark, "forced_colors": "active"})):
        page = enter(width=width, **options)
        for path in paths:
            page.goto(f"{server.address}/desk/{path}")
            if path == "answers/washing":
                write(page, "It is safe.")
                checked(page, re.compile("to put right"))
            for summary in page.locator("summary").all():
                summary.click()
            found = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]})
            picture(page, f"{path.replace('/', '-')}-{width}{'-dark' if options else ''}")
            assert found.violations_count == 0, f"{path} at {width}: {found.generate_report()}"
            assert page.evaluate("document.documentElement.scrollWidth") <= width, path
            page.evaluate("typeof dirty === 'undefined' || (dirty = false)")
