"""Reading held-out messages: what is there is typed, what is broken is refused with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from prp_guide.content import Library
from prp_guide.errors import DataError
from prp_guide.evaluation.duplicates import folded
from prp_guide.evaluation.rows import read_rows
from prp_guide.evaluation.verdicts import Label
from prp_guide.home import PROJECT_ROOT, Home
from prp_guide.language.phrases import read_phrases

OURS = [Path(__file__).parent / name for name in ("sealed", "development")]
HOME = Home(root=PROJECT_ROOT, state=PROJECT_ROOT / "var")
MOST_FAMILIAR = 0.08
GOOD = '{"text": "sun?", "kind": "answer", "topic": "sun", "alt": ["answer:aftercare"], "style": "two_word"}'
SEVERAL = '{"text": "sun? price?", "expect": ["answer:sun", "staff:cost"], "alt": []}'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "README.md").write_text("not a set")
    return tmp_path


def test_rows(folder: Path) -> None:
    spanish = (
        '{"text": "no puedo respirar", "kind": "urgent", "topic": "emergency", "alt": ["answer:safety"], "lang": "es"}'
    )
    (folder / "some.jsonl").write_text(f"{GOOD}\n\n{spanish}\n", "utf-8")
    (folder / "more.jsonl").write_text(SEVERAL, "utf-8")
    rows = read_rows(folder)
    assert rows.sizes == {"more": 1, "some": 2}
    first, second = rows.singles
    assert (first.due, first.labels) == (Label("answer", "sun"), (Label("answer", "sun"), Label("answer", "aftercare")))
    assert first.style == "two_word"
    assert second.labels == (Label("urgent", "emergency"),), "a red flag in Spanish accepts nothing but its card"
    assert rows.multis[0].expect == (Label("answer", "sun"), Label("staff", "cost"))


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("{", "not valid JSON"),
        ("[]", "no JSON object"),
        ('{"kind": "answer", "topic": "sun"}', "'text': field required"),
        ('{"text": "", "kind": "answer", "topic": "sun"}', "'text'"),
        ('{"text": "x", "kind": "anwser", "topic": "sun"}', "'kind'"),
        ('{"text": "x", "kind": "answer", "topic": "sun", "alternatives": []}', "'alternatives'"),
        ('{"text": "x", "kind": "answer", "topic": "sun", "alt": ["sun"]}', "'alt.0'"),
        ('{"text": "x", "kind": "answer", "topic": "sun", "lang": "fr"}', "'lang'"),
        ('{"text": "x", "expect": []}', "'expect'"),
        ('{"text": "x", "expect": ["cost"]}', "'expect.0'"),
    ],
)
def test_a_broken_line(folder: Path, line: str, problem: str) -> None:
    path = folder / "some.jsonl"
    path.write_text(f"{GOOD}\n{line}\n", "utf-8")
    with pytest.raises(DataError) as caught:
        read_rows(folder)
    assert caught.value.line == 2
    assert str(caught.value).startswith(f"{path}:2: ")
    assert problem in caught.value.problem


def test_no_rows(folder: Path) -> None:
    with pytest.raises(DataError, match="no held-out messages"):
        read_rows(folder)


@pytest.mark.parametrize("ours", OURS, ids=lambda path: path.name)
def test_our_own_sets(ours: Path) -> None:
    rows = read_rows(ours)
    library = Library.load(HOME)
    every = {label for row in rows.singles for label in row.labels} | {
        label for row in rows.multis for label in (*row.expect, *row.alt)
    }
    strangers = {
        label
        for label in every
        if label.kind in ("answer", "staff")
        and (label.topic not in library.topics or library.topics[label.topic].kind != label.kind)
    }
    assert not strangers, "these are no topics of ours"
    covered = {row.due.topic for row in rows.singles if row.due.kind in ("answer", "staff")}
    assert covered == set(library.topics), "every topic has held-out messages"


@pytest.mark.parametrize("ours", OURS, ids=lambda path: path.name)
def test_our_own_sets_were_not_trained_on(ours: Path) -> None:
    """A few coincide, for everyone writes "thank you so much" alike; docs/evaluation.md says how many."""
    rows = read_rows(ours)
    phrases = {folded(phrase.text) for phrase in read_phrases(HOME)}
    texts = [row.text for row in (*rows.singles, *rows.multis)]
    assert sum(folded(text) in phrases for text in texts) / len(texts) < MOST_FAMILIAR
    long = [text for text in texts if len(text.split()) > 7]
    assert len(long) > 500
    known = sum(folded(text) in phrases for text in long)
    assert known == 0


def test_the_sets_have_no_message_in_common() -> None:
    sealed, development = (
        {folded(row.text) for row in (*rows.singles, *rows.multis) if len(row.text.split()) > 4}
        for rows in map(read_rows, OURS)
    )
    common = len(sealed & development)
    assert common == 0  # a number, for a failing test would print the sealed messages
