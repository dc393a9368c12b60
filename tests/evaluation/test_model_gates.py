"""What a new model is held against before it goes live; the whole of it: tests/end_to_end/test_editor.py."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from prp_guide.content import Library
from prp_guide.evaluation import gates
from prp_guide.evaluation.figures import Figures
from prp_guide.evaluation.gates import GATES, adapted, short_of, worse_topics
from prp_guide.evaluation.rows import HeldOut, Multi, Single, read_rows
from prp_guide.evaluation.verdicts import Label, Said
from prp_guide.home import PROJECT_ROOT, Home

HOME = Home(root=PROJECT_ROOT, state=PROJECT_ROOT / "var")


@pytest.fixture(scope="module")
def library() -> Library:
    return Library.load(HOME)


@pytest.fixture(scope="module")
def rows() -> HeldOut:
    return read_rows(Path(__file__).parent / "development")


def figures(rows: Sequence[Single], missed: int = 0, topic: str = "washing") -> Figures:
    """Every message met but for `missed` of `topic`, which get another answer."""
    pairs = []
    for row in rows:
        wrong = row.topic == topic and missed > 0
        missed -= wrong
        pairs.append((row, (Said(Label("answer", "sun") if wrong else row.due),)))
    return Figures.of(pairs, [])


def test_our_own_topics_are_due_as_they_stand(rows: HeldOut, library: Library) -> None:
    assert adapted(rows, library) == rows


def test_what_is_due_follows_the_clinics_topics(library: Library) -> None:
    cost = library.topics["cost"].copy(update={"kind": "answer", "facts": ("first_series",)})
    theirs = library.with_topic(cost)
    one = Single(text="how much", kind="staff", topic="cost", alt=("staff:insurance",))
    both = Multi(text="how much and does it hurt", expect=("staff:cost", "staff:pain"))
    found = adapted(HeldOut((one,), (both,), {}), theirs)
    assert found.singles[0].due == Label("answer", "cost")
    assert found.singles[0].alt == (Label("staff", "insurance"),)
    assert found.multis[0].expect == (Label("answer", "cost"), Label("staff", "pain"))


def test_what_is_gone_is_not_asked(library: Library) -> None:
    gone = Single(text="may i juggle", kind="answer", topic="juggling")
    flag = Single(text="i cannot breathe", kind="urgent", topic="emergency", alt=("answer:juggling",))
    both = Multi(text="may i juggle and wash", expect=("answer:juggling", "answer:washing"))
    found = adapted(HeldOut((gone, flag), (both,), {}), library)
    assert [row.text for row in found.singles] == ["i cannot breathe"]
    assert found.singles[0].alt == ()
    assert found.multis == ()


def test_a_topic_that_is_understood_less_well_is_named(rows: HeldOut, library: Library) -> None:
    whole = figures(rows.singles)
    assert worse_topics(figures(rows.singles, missed=2), whole, library) == []
    (reason,) = worse_topics(figures(rows.singles, missed=12), whole, library)
    assert reason.startswith("When can I wash my hair? ")
    assert reason.endswith(" before.")
    assert worse_topics(whole, figures(rows.singles, missed=12), library) == []


def test_the_gates_are_told_in_words(rows: HeldOut) -> None:
    bad = Figures.of([(row, (Said(Label("answer", "sun")),)) for row in rows.singles], [])
    reasons = " ".join(short_of(bad, GATES["development"]))
    for words in (
        "Understood: ",
        "Emergencies and poisoning caught: ",
        "Answered wrongly: ",
        "at most 2.8 % are needed",
    ):
        assert words in reasons


def test_a_model_is_read_by_the_names_that_it_is_written_with() -> None:
    classifier = pytest.importorskip("prp_guide.rasa_parts.classifier")
    assert (gates.CLASSIFIER, gates.WORDS) == (classifier._FILE, classifier._WORDS)
