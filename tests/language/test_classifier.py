"""The classifier on vectors made up for it: whose phrases are the nearest."""

from __future__ import annotations

import numpy as np
import pytest

from prp_guide.language.classifier import Classifier

INTENTS = [f"ask_{number:02}" for number in range(20)]  # more than are looked among


@pytest.fixture(scope="module")
def phrases() -> tuple[list[str], np.ndarray, list[str]]:
    """Twelve phrases about each intent's own direction, in no order of intents."""
    random = np.random.default_rng(7)
    labels = random.permutation(np.repeat(np.arange(len(INTENTS)), 12))
    vectors = np.eye(32)[labels] + random.normal(0, 0.1, (len(labels), 32))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return [f"word{label}" for label in labels], vectors.astype(np.float32), [INTENTS[label] for label in labels]


@pytest.fixture(scope="module")
def classifier(phrases: tuple[list[str], np.ndarray, list[str]]) -> Classifier:
    texts, vectors, intents = phrases
    return Classifier.from_bytes(Classifier.train(texts, vectors, intents).to_bytes())


def test_phrases_may_come_in_any_order(
    classifier: Classifier, phrases: tuple[list[str], np.ndarray, list[str]]
) -> None:
    texts, vectors, intents = phrases
    assert [verdict.best.intent for verdict in classifier.classify(texts, vectors)] == intents


def test_similarity_is_that_of_the_five_nearest_phrases(
    classifier: Classifier, phrases: tuple[list[str], np.ndarray, list[str]]
) -> None:
    texts, vectors, _ = phrases
    for verdict, similarities in zip(classifier.classify(texts, vectors), vectors @ vectors.T, strict=True):
        assert verdict.similarity == pytest.approx(np.sort(similarities)[-5:].mean(), abs=1e-3)


def test_what_is_like_no_phrase_has_little_similarity(classifier: Classifier) -> None:
    (verdict,) = classifier.classify(["unheard"], np.eye(32, dtype=np.float32)[[31]])
    assert verdict.similarity < 0.5
