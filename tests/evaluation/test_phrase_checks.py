"""`prp-guide check phrases`: what it finds, what it lets pass, and where it says that it stands."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from prp_guide.cli import main
from prp_guide.errors import DataError
from prp_guide.evaluation.cross_validation import claimed, out_of_fold
from prp_guide.evaluation.duplicates import across_intents, folded, near_duplicates
from prp_guide.home import PROJECT_ROOT, Home
from prp_guide.language.classifier import Guess, Verdict
from prp_guide.language.phrases import Phrase, read_phrases

Write = Callable[..., Path]

SUN = ("can i sit on the beach", "is a tan okay", "what about my outdoor job", "sunscreen?")
COST = ("how much is it", "what does one session run me", "price", "any discounts for students")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    monkeypatch.setenv("PRP_ROOT", str(tmp_path))
    monkeypatch.setenv("PRP_HOME", str(tmp_path / "var"))
    return Home(root=tmp_path, state=tmp_path / "var")


@pytest.fixture
def write(home: Home) -> Write:
    """Write the phrases of a topic; gives the file."""

    def written(topic: str, *phrases: str) -> Path:
        path = home.data / "phrases" / f"{topic}.yml"
        path.parent.mkdir(parents=True, exist_ok=True)
        lines = "".join(f"    - {phrase}\n" for phrase in phrases)
        path.write_text(f'version: "3.1"\nnlu:\n- intent: ask_{topic}\n  examples: |\n{lines}', "utf-8")
        return path

    return written


def phrase(text: str, intent: str = "ask_sun", line: int = 1) -> Phrase:
    return Phrase(text, intent, Path("some.yml"), line)


def test_reading(home: Home, write: Write) -> None:
    path = write("sun", "a hat?", "- dashes: and 'quotes' # are fine")
    write("cost", *COST)
    found = read_phrases(home)
    assert len(found) == len(COST) + 2
    assert found[-2] == Phrase("a hat?", "ask_sun", path, 5)
    assert found[-1].text == "- dashes: and 'quotes' # are fine"


@pytest.mark.parametrize("line", ["stray words", "    -", "    -no space", "  example: |"])
def test_reading_what_is_no_phrase(home: Home, write: Write, line: str) -> None:
    path = write("sun", *SUN)
    path.write_text(path.read_text("utf-8") + line + "\n", "utf-8")
    with pytest.raises(DataError) as caught:
        read_phrases(home)
    assert caught.value.line == 5 + len(SUN)


def test_no_phrases(home: Home) -> None:
    with pytest.raises(DataError, match="no phrases"):
        read_phrases(home)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Price?", "price", True),
        ("can't  wait!!", "cant wait 😀", True),
        ("¿Cuánto cuesta?", "cuánto cuesta", True),
        ("cuánto", "cuanto", False),
        ("👍", "👎", False),
        ("? ?", "??", True),
        ("price", "prices", False),
    ],
)
def test_folding(one: str, other: str, same: bool) -> None:
    assert (folded(one) == folded(other)) is same


@pytest.mark.parametrize(
    ("one", "other", "near"),
    [
        ("when can i wash my hair again", "When can I wash my hair again??", True),
        ("is it ok to go swimming in the ocean on day three", "is it ok to go swim in the ocean on day three", True),
        ("can i wear my hat tomorrow", "tomorrow can i wear my hat", True),
        ("how long does a typical session take", "how long does a typicl session take", True),
        ("when can i wash my hair again", "when can i swim again", False),
        ("price", "cost", False),
        ("hi", "ha", False),
    ],
)
def test_near_duplicates(one: str, other: str, near: bool) -> None:
    (found,) = near_duplicates([phrase(one), phrase(other, line=2)])
    assert [(first.text, second.text) for first, second in found.pairs] == ([(one, other)] if near else [])
    assert found.distinct == (1 if near else 2)


def test_near_duplicates_are_counted_within_an_intent() -> None:
    found = near_duplicates([phrase("a tan?"), phrase("a tan", "ask_cost"), phrase("a tan!", line=3)])
    assert [(one.intent, one.total, len(one.pairs), one.share) for one in found] == [
        ("ask_cost", 1, 0, 0.0),
        ("ask_sun", 2, 1, 0.5),
    ]


def test_across_intents() -> None:
    same, but_for_signs = across_intents(
        [phrase("Price"), phrase("price", "ask_cost"), phrase("how much", "ask_cost"), phrase("how much 💉")]
    )
    assert [[one.text for one in group] for group in same] == [["Price", "price"]]
    assert [[one.text for one in group] for group in but_for_signs] == [["how much", "how much 💉"]]


def test_claimed() -> None:
    def verdict(intent: str, confidence: float) -> Verdict:
        return Verdict((Guess(intent, confidence),), 0.9)

    phrases = [phrase("a"), phrase("b"), phrase("c"), phrase("d")]
    verdicts = [
        verdict("ask_sun", 0.99),
        verdict("ask_cost", 0.95),
        verdict("ask_cost", 0.85),
        verdict("ask_cost", 0.97),
    ]
    found = claimed(phrases, verdicts)
    assert [(one.phrase.text, one.intent, one.confidence) for one in found] == [
        ("d", "ask_cost", 0.97),
        ("b", "ask_cost", 0.95),
    ]


def test_no_phrase_is_judged_by_a_head_that_saw_it() -> None:
    rng = np.random.default_rng(1)
    around = np.repeat(np.eye(3, 8, dtype=np.float32), 20, axis=0)
    vectors = around + rng.normal(0, 0.05, around.shape).astype(np.float32)
    truth = ["ask_cost"] * 20 + ["ask_pain"] * 20 + ["ask_sun"] * 20
    phrases = [phrase(f"{intent} number {number}", intent) for number, intent in enumerate(truth)]
    phrases[3] = phrase(phrases[3].text, "ask_sun")  # under the wrong intent
    verdicts = out_of_fold(phrases, vectors)
    assert [verdict.best.intent for verdict in verdicts] == truth


def test_command_on_good_phrases(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    write("sun", *SUN)
    write("cost", *COST)
    assert main(["check", "phrases", "--quick"]) == 0
    said = capsys.readouterr()
    assert said.err == ""
    assert "ask_sun: 4 distinct phrases, 120 are wanted." in said.out
    assert "8 phrases of 2 intents, 0 near-duplicates (0.0%)." in said.out


@pytest.mark.parametrize(
    ("more", "title", "line"),
    [
        ("price", "The same phrase under several intents", "data/phrases/sun.yml:9: ask_sun: price"),
        ("Sunscreen", "ask_sun: 20.0% near-duplicates", "data/phrases/sun.yml:9: Sunscreen"),
    ],
)
def test_command_on_bad_phrases(
    write: Write, capsys: pytest.CaptureFixture[str], more: str, title: str, line: str
) -> None:
    write("sun", *SUN, more)
    write("cost", *COST)
    assert main(["check", "phrases", "--quick"]) == 2
    said = capsys.readouterr()
    assert title in said.err
    assert line in said.err
    assert "1 to put right" in said.out


def test_command_on_phrases_that_signs_tell_apart(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    write("sun", *SUN, "price ☀")
    write("cost", *COST)
    assert main(["check", "phrases", "--quick"]) == 0
    assert "Only punctuation, emoji or capitals tell these apart" in capsys.readouterr().out


def test_command_on_a_broken_file(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    path = write("sun", *SUN)
    path.write_text("nlu:\n- intent ask_sun\n", "utf-8")
    assert main(["check", "phrases", "--quick"]) == 2
    assert capsys.readouterr().err.startswith(f"{path}:2: ")


def test_no_phrase_of_ours_stands_under_two_intents() -> None:
    same, _ = across_intents(read_phrases(Home(root=PROJECT_ROOT, state=PROJECT_ROOT / "var")))
    assert [[f"{one.path.name}:{one.line} {one.text}" for one in group] for group in same] == []
