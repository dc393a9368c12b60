"""Answers of a fact that the page no longer says: held back if the owner chose so, until they are approved anew."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from prp_guide.clinic import load_clinic
from prp_guide.clinic_page.check import Look, look_and_record
from prp_guide.content import Library, library
from prp_guide.content.doubts import doubts_path, read_doubts
from prp_guide.errors import DataError, PageError
from prp_guide.home import Home
from prp_guide.replies import Replies
from tests.clinic_page.conftest import SOURCE

APPROVED = "approval: {by: Ana Ruiz, date: 2026-11-23, review_by: 2027-11-23}"


def look(home: Home, source: str, *, withhold: bool = True) -> Look:
    page = home.root / "page.html"
    page.write_text(source, encoding="utf-8")
    return look_and_record(home, Library.load(home), str(page), withhold=withhold)


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")


def held(home: Home) -> set[str]:
    """The replies that are not given now."""
    now = Library.load(home)
    return {f"{topic.id}.{lang}" for topic in now.topics.values() for lang in ("en", "es") if now.withheld(topic, lang)}


CHANGED = SOURCE.replace("48 hours", "24 hours")
CITING = {"aftercare", "downtime", "exercise", "hair_styling", "sun", "washing"}
ALL = {f"{topic}.{lang}" for topic in CITING for lang in ("en", "es")}


def test_the_answers_of_a_changed_fact_are_held_back_until_they_are_approved(home: Home) -> None:
    assert look(home, SOURCE).doubts == {}
    assert not doubts_path(home).exists()
    assert set(look(home, CHANGED).doubts or {}) == {"first_48_hours"}
    assert held(home) == ALL
    edit(home.data / "topics" / "washing.yml", "approval: none", APPROVED)
    assert held(home) == ALL - {"washing.en"}
    # A second look on the same day changes nothing of that.
    look(home, CHANGED)
    assert held(home) == ALL - {"washing.en"}


def test_an_approval_from_before_does_not_count(home: Home) -> None:
    edit(home.data / "topics" / "washing.yml", "approval: none", APPROVED)
    look(home, CHANGED)
    assert "washing.en" in held(home)
    edit(home.data / "topics" / "washing.yml", "date: 2026-11-23", "date: 2026-11-24")
    assert "washing.en" not in held(home)


def test_the_page_goes_back(home: Home) -> None:
    look(home, CHANGED)
    assert look(home, SOURCE).doubts == {}
    assert held(home) == set()


def test_another_change_asks_for_another_approval(home: Home) -> None:
    look(home, CHANGED)
    edit(home.data / "topics" / "washing.yml", "approval: none", APPROVED)
    look(home, SOURCE.replace("48 hours", "72 hours"))
    assert held(home) == ALL


def test_editing_the_fact_alone_gives_no_answer_back(home: Home) -> None:
    look(home, CHANGED)
    edit(home.data / "facts.yml", 'the scalp for 48 hours"]', 'the scalp for 24 hours"]')
    assert not look(home, CHANGED).comparison.changed
    assert held(home) == ALL
    for topic in CITING:
        path = home.data / "topics" / f"{topic}.yml"
        edit(path, "approval: none", APPROVED)
        edit(path, "approval_es: none", APPROVED.replace("approval", "approval_es"))
    assert held(home) == set()
    assert look(home, CHANGED).doubts == {}
    assert read_doubts(home) == {}


def test_who_chose_to_be_warned_only_goes_on_answering(home: Home) -> None:
    assert set(look(home, CHANGED, withhold=False).doubts or {}) == {"first_48_hours"}
    assert held(home) == set()
    look(home, CHANGED, withhold=True)
    assert held(home) == ALL


def test_another_page_changes_nothing(home: Home) -> None:
    look(home, CHANGED)
    before = doubts_path(home).read_bytes()
    sentence = "<p>We are closed for holidays, and open again on the second of January. Call us then.</p>"
    with pytest.raises(PageError, match="another page"):
        look(home, sentence * 9)
    with pytest.raises(PageError, match="hardly any text"):
        look(home, sentence)
    assert doubts_path(home).read_bytes() == before


def test_patients_get_the_front_desk_within_a_second_and_no_restart(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(library, "LOOK_EVERY_SECONDS", 0.01)
    replies = Replies(Library.load(home), load_clinic(home.clinic_file))
    said = {lang: replies.topic("washing", lang) for lang in ("en", "es")}
    assert said["en"].kind == "answer"
    assert "48 hours" in said["en"].text
    look(home, CHANGED)
    time.sleep(0.02)
    for lang in ("en", "es"):
        held_back = replies.topic("washing", lang)
        assert (held_back.kind, held_back.topic, held_back.lang) == ("staff", "washing", lang)
        assert "48" not in held_back.text
        assert "(310) 975-9785" in held_back.text
    assert replies.topic("session_count").kind == "answer"
    look(home, SOURCE)
    time.sleep(0.02)
    assert replies.topic("washing").text == said["en"].text


def test_a_staff_reply_that_says_the_fact_is_held_back_too(home: Home) -> None:
    look(home, SOURCE.replace("three sessions", "four sessions"))
    reply = Replies(Library.load(home), load_clinic(home.clinic_file)).topic("cost")
    assert reply.kind == "staff"
    assert "3 sessions" not in reply.text


def test_a_broken_file_is_refused_with_its_name(home: Home) -> None:
    home.state.mkdir()
    doubts_path(home).write_text("{", encoding="utf-8")
    with pytest.raises(DataError, match=r"facts-in-doubt\.json"):
        Library.load(home)
