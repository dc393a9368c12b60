"""Loading: what does not fit is refused with file, line and what to write; a change on disk is taken up."""

from __future__ import annotations

import logging
import os
from pathlib import Path

import pytest

from prp_guide.content import Library
from prp_guide.content import library as library_module
from prp_guide.errors import DataError
from prp_guide.home import Home
from tests.content.conftest import Edit

# file, old, new, words of the message
REFUSED = [
    (
        "topics/washing.yml",
        "next: [exercise",
        "next: [exercice",
        "there is no topic 'exercice'",
        "Did you mean exercise?",
    ),
    ("topics/washing.yml", "next: [exercise", "next: [washing", "offers itself", "another topic"),
    (
        "topics/washing.yml",
        "[first_48_hours]",
        "[first_48_hour]",
        "there is no fact",
        "Did you mean first_48_hours?",
    ),
    ("topics/washing.yml", "id: washing", "id: wash", "is not the file's name", "id: washing"),
    ("topics/washing.yml", "kind: answer", "kind: anwser", "'kind'", ""),
    ("topics/washing.yml", "kind: answer\n", "", "'kind' is missing", "kind:"),
    ("topics/washing.yml", "facts: [", "fact: [", "not a known key", "facts"),
    ("topics/washing.yml", "[first_48_hours]", "[]", "without a fact", "Cite"),
    ("topics/washing.yml", "[exercise, sun, hair_styling]", "[]", "0 next steps", "1 to 3 topics"),
    (
        "topics/washing.yml",
        "[exercise, sun, hair_styling]",
        "[exercise, sun, pain, cost]",
        "4 next steps",
        "1 to 3 topics",
    ),
    ("topics/washing.yml", "When can I wash my hair?", "W" * 41, "41 characters", ""),
    ("topics/washing.yml", "approval: none\n", "approval: yes\n", "is no approval", ""),
    (
        "topics/washing.yml",
        "approval: none\n",
        "approval: {by: Jo Lee, date: 2026-11-23}\n",
        "'approval.review_by' is missing",
        "review_by:",
    ),
    (
        "topics/washing.yml",
        "approval: none\n",
        "approval: {by: Jo Lee, date: 2026-11-23, review_by: 2026-11-22}\n",
        "a day after",
        "",
    ),
    ("topics/cost.yml", "about:\n  en: the price\n  es: el precio\n", "", "without 'about'", "the price"),
    ("topics/cost.yml", "next: [insurance", "next: [washing, sun, insurance", "4 next topics", "2 at most"),
    ("facts.yml", "  - id: hair_cycle\n", "  - id: scalp_injection\n", "stands here twice", "of its own"),
    (
        "facts.yml",
        "    section: introduction\n    claim: The",
        "    section: intro\n    claim: The",
        "no section 'intro'",
        "",
    ),
    ("facts.yml", '    evidence: ["small blood sample"]\n', "", "evidence", ""),
    ("replies.yml", "  - topic: aftercare", "  - topic: after", "there is no topic 'after'", ""),
    ("replies.yml", "  lead_again:", "  lead_otra:", "text 'lead_again' is missing", "lead_again"),
    ("replies.yml", "  poison:\n", "  poisson:\n", "text 'poison' is missing", "poison"),
    ("replies.yml", "    en: Which of these do you mean?\n", "", "'texts.clarify.en' is missing", ""),
]


@pytest.mark.parametrize(("file", "old", "new", "problem", "hint"), REFUSED)
def test_a_fault_is_refused(home: Home, edit: Edit, file: str, old: str, new: str, problem: str, hint: str) -> None:
    path = edit(file, old, new)
    with pytest.raises(DataError) as refused:
        Library.load(home)
    assert refused.value.path == path
    assert refused.value.line
    assert problem in str(refused.value)
    assert hint in str(refused.value)


@pytest.mark.parametrize("name", ["facts.yml", "replies.yml"])
def test_a_missing_file_is_named(home: Home, name: str) -> None:
    (home.data / name).unlink()
    with pytest.raises(DataError, match=f"{name}: the file is missing"):
        Library.load(home)


def test_no_topics_at_all_are_refused(home: Home) -> None:
    for path in (home.data / "topics").glob("*.yml"):
        path.unlink()
    with pytest.raises(DataError, match="there are no topics"):
        Library.load(home)


def test_an_answer_knows_its_section(home: Home) -> None:
    library = Library.load(home)
    section = library.section_of(library.topics["washing"])
    assert section is not None
    assert section.id == "post-treatment-and-maintenance"
    assert library.section_of(library.topics["billing"]) is None


def touch(path: Path, text: str) -> None:
    path.write_text(text, "utf-8")
    # Files changed within one tick of the clock still differ.
    os.utime(path, ns=(path.stat().st_atime_ns, path.stat().st_mtime_ns + 1_000_000))


@pytest.fixture
def _look_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(library_module, "LOOK_EVERY_SECONDS", 0.0)


@pytest.mark.usefixtures("_look_at_once")
def test_an_edit_is_taken_up_by_every_holder(home: Home) -> None:
    first = Library.load(home)
    path = home.data / "topics" / "washing.yml"
    assert first.fresh() is first
    touch(path, path.read_text("utf-8").replace("When can I wash my hair?", "Wash my hair when?"))
    second = first.fresh()
    assert second.topics["washing"].label.en == "Wash my hair when?"
    assert first.topics["washing"].label.en == "When can I wash my hair?"
    assert first.fresh() is second.fresh() is second


@pytest.mark.usefixtures("_look_at_once")
def test_a_new_and_a_removed_topic_are_seen(home: Home) -> None:
    library = Library.load(home)
    folder = home.data / "topics"
    touch(
        folder / "rinsing.yml",
        (folder / "washing.yml").read_text("utf-8").replace("id: washing", "id: rinsing"),
    )
    assert "rinsing" in library.fresh().topics
    (folder / "rinsing.yml").unlink()
    assert "rinsing" not in library.fresh().topics


@pytest.mark.usefixtures("_look_at_once")
def test_a_broken_edit_keeps_the_last_good_one_and_is_logged_once(home: Home, caplog: pytest.LogCaptureFixture) -> None:
    library = Library.load(home)
    path = home.data / "topics" / "washing.yml"
    good = path.read_text("utf-8")
    with caplog.at_level(logging.ERROR):
        touch(path, "id: [")
        assert library.fresh() is library
        assert library.fresh() is library
    assert len(caplog.records) == 1
    assert "washing.yml" in caplog.text
    touch(path, good.replace("When can I wash my hair?", "Mended"))
    assert library.fresh().topics["washing"].label.en == "Mended"


def test_files_are_looked_at_once_a_second_at_most(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    library = Library.load(home)
    looks = []
    monkeypatch.setattr(library_module, "_state_of", lambda home: looks.append(home))
    for _ in range(50):
        library.fresh()
    assert len(looks) <= 1
