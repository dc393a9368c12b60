"""What keeps a model out, without a training: the model in use, and the same one with two intents mixed up."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

import numpy as np
import pytest

from prp_guide import model
from prp_guide.content import Library
from prp_guide.errors import DataError
from prp_guide.evaluation import gates
from prp_guide.evaluation.gates import CLASSIFIER, failed_gates
from prp_guide.evaluation.understanding import Judge
from prp_guide.home import PROJECT_ROOT, Home
from prp_guide.language.phrases import Phrase
from prp_guide.red_flags import Screen
from tests.support.assistant import Assistant

MIXED_UP = ("ask_washing", "ask_cost")


@pytest.fixture(scope="module")
def home() -> Home:
    return Home(root=PROJECT_ROOT, state=PROJECT_ROOT / "var")


@pytest.fixture(scope="module")
def in_use(assistant: Assistant) -> Path:
    """The trained model that the running assistant uses."""
    return model.chosen(Home(root=PROJECT_ROOT, state=assistant.home))


def mixed_up(good: Path, bad: Path) -> Path:
    """`good` with the names of two intents exchanged, written to `bad`."""
    with tarfile.open(good) as source, tarfile.open(bad, "w:gz", compresslevel=1) as target:
        for member in source:
            file = source.extractfile(member)
            content = file.read() if file else None
            if content is not None and Path(member.name).name == CLASSIFIER:
                with np.load(io.BytesIO(content)) as stored:
                    arrays = dict(stored)
                one, other = (int(np.flatnonzero(arrays["intents"] == name)[0]) for name in MIXED_UP)
                arrays["intents"][[one, other]] = arrays["intents"][[other, one]]
                rewritten = io.BytesIO()
                np.savez(rewritten, **arrays)
                content = rewritten.getvalue()
                member.size = len(content)
            target.addfile(member, io.BytesIO(content) if content is not None else None)
    return bad


def test_topics_that_are_understood_less_well_are_named(home: Home, in_use: Path, tmp_path: Path) -> None:
    reasons = failed_gates(home, mixed_up(in_use, tmp_path / "bad.tar.gz"), in_use)
    for label in ("When can I wash my hair?", "What does it cost?"):
        assert any(label in reason and "before" in reason for reason in reasons), reasons


@pytest.mark.parametrize(
    ("own", "reached"),
    [
        (["when can i wash my hair", "can i shower tonight", "is shampoo ok after it"], True),
        (["how much is it", "what do you charge", "is it expensive"], False),
    ],
)
def test_a_new_topic_is_led_to_by_its_own_phrases(home: Home, in_use: Path, own: list[str], reached: bool) -> None:
    """As if washing were new, and had been given these phrases."""
    classifier, speller = gates._learnt(in_use)
    library = Library.load(home)
    judge = Judge(home.encoder, speller, Screen.load(home), library)
    phrases = [Phrase(text, "ask_washing", home.data, 1) for text in own]
    known = set(classifier.intents) - {"ask_washing"}
    reasons = gates.unreached_topics(judge, classifier, known, phrases, library)
    assert not reasons if reached else "When can I wash my hair? Of its own 3 phrases 0 lead to it." in reasons[0]
    assert not gates.unreached_topics(judge, classifier, classifier.intents, phrases, library)


def test_what_is_no_model_is_said(home: Home, tmp_path: Path) -> None:
    other = tmp_path / "prp-other.tar.gz"
    other.write_bytes(b"model")
    with pytest.raises(DataError, match="no model of ours"):
        failed_gates(home, other, None)
