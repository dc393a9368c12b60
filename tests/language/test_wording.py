"""The plain words as a second opinion: what they say, what they do not know, and that they survive being stored."""

from __future__ import annotations

import numpy as np
import pytest

from prp_guide.language.classifier import Classifier
from prp_guide.language.wording import Wording

PHRASES = {
    "ask_cost": ["what is the price", "price of one visit", "is the price high", "tell me the price please"],
    "ask_sun": ["can i sit in the sun", "sun after the visit", "is the sun bad", "the sun and my scalp please"],
    "ask_pain": ["does it hurt", "will it hurt me", "how much does it hurt", "it must hurt please"],
}
TEXTS = [text for texts in PHRASES.values() for text in texts]
LABELS = np.repeat(np.arange(len(PHRASES)), 4)


@pytest.fixture(scope="module")
def wording() -> Wording:
    return Wording.train(TEXTS, LABELS, np.ones(len(LABELS)))


def best(wording: Wording, text: str) -> str:
    return list(PHRASES)[int(wording.shares([text])[0].argmax())]


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("and the price?", "ask_cost"),
        ("PRICE", "ask_cost"),
        ("prices", "ask_cost"),
        ("priec or prce", "ask_cost"),
        ("hurting", "ask_pain"),
        ("sun!", "ask_sun"),
    ],
)
def test_words_and_what_is_left_of_them_decide(wording: Wording, text: str, intent: str) -> None:
    assert best(wording, text) == intent


def test_words_that_no_phrase_uses_say_nothing(wording: Wording) -> None:
    unknown, nothing = wording.shares(["zzz qqq", ""])
    assert np.allclose(unknown, nothing)
    assert unknown.max() < 0.6


def test_shares_add_up_to_one(wording: Wording) -> None:
    assert np.allclose(wording.shares([*TEXTS, "", "🧘", "¿?"]).sum(axis=1), 1, atol=1e-5)


def test_a_stored_model_says_the_same(wording: Wording) -> None:
    again = Wording.from_arrays(wording.arrays())
    assert np.array_equal(again.shares(TEXTS), wording.shares(TEXTS))


def test_meaning_and_words_are_both_heard() -> None:
    vectors = np.repeat(np.eye(3, 8, dtype=np.float32), 4, axis=0)
    intents = [intent for intent, texts in PHRASES.items() for _ in texts]
    classifier = Classifier.from_bytes(Classifier.train(TEXTS, vectors, intents).to_bytes())
    between = (vectors[:1] + vectors[4:5]) / np.sqrt(2)  # the meaning cannot tell cost from sun: the words can
    for text, intent in (("the price", "ask_cost"), ("the sun", "ask_sun")):
        verdict = classifier.classify([text], between)[0]
        assert verdict.best.intent == intent
        assert sum(guess.confidence for guess in verdict.guesses) == pytest.approx(1, abs=1e-3)
    assert classifier.classify(["qqq"], vectors[8:9])[0].best.intent == "ask_pain"  # the words know nothing
