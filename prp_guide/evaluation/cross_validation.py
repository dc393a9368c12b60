"""The head, judged on phrases that it did not see: trained on four fifths, asked about the last, five times.

The encoder has seen them all. So these figures flatter the whole, but compare its settings fairly; for how well it
understands strangers, there are the held-out messages.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from prp_guide.language.classifier import Classifier, Verdict
from prp_guide.language.encoder import Vectors
from prp_guide.language.phrases import Phrase

FOLDS = 5
SEED = 3
CLAIMED = 0.9
_BATCH = 512  # a message is compared with every phrase: all at once would take gigabytes


def folds(phrases: Sequence[Phrase], vectors: Vectors, count: int = FOLDS) -> Iterator[tuple[Classifier, NDArray[Any]]]:
    """For each fold, a classifier trained on the others and the numbers of the phrases that it did not see.

    `vectors` has a row for each of `phrases`. The folds are the same in each run.
    """
    from sklearn.model_selection import StratifiedKFold  # slow to import

    splitter = StratifiedKFold(count, shuffle=True, random_state=SEED)
    intents = [phrase.intent for phrase in phrases]
    for seen, unseen in splitter.split(vectors, intents):
        texts = [phrases[row].text for row in seen]
        yield Classifier.train(texts, vectors[seen], [intents[row] for row in seen]), unseen


def classify(classifier: Classifier, texts: Sequence[str], vectors: Vectors) -> list[Verdict]:
    """A verdict for each of `texts`, whose vectors are the rows of `vectors`, however many there are."""
    return [
        verdict
        for start in range(0, len(texts), _BATCH)
        for verdict in classifier.classify(texts[start : start + _BATCH], vectors[start : start + _BATCH])
    ]


def out_of_fold(phrases: Sequence[Phrase], vectors: Vectors, count: int = FOLDS) -> list[Verdict]:
    """A verdict for each of `phrases`, with a row of `vectors` each, by a classifier that has not seen it."""
    verdicts: dict[int, Verdict] = {}
    for classifier, unseen in folds(phrases, vectors, count):
        texts = [phrases[row].text for row in unseen]
        verdicts.update(zip(unseen.tolist(), classify(classifier, texts, vectors[unseen]), strict=True))
    return [verdicts[row] for row in range(len(phrases))]


@dataclass(frozen=True)
class Claim:
    """A phrase that the model of another intent claims."""

    phrase: Phrase
    intent: str
    confidence: float


def claimed(phrases: Sequence[Phrase], verdicts: Sequence[Verdict], *, above: float = CLAIMED) -> list[Claim]:
    """The phrases of which the out-of-fold verdict is another intent with a confidence `above`, by the pair of intents.

    Such a phrase stands under the wrong intent, or the line between the two is not drawn where we think it is.
    """
    found = [
        Claim(phrase, verdict.best.intent, verdict.best.confidence)
        for phrase, verdict in zip(phrases, verdicts, strict=True)
        if verdict.best.intent != phrase.intent and verdict.best.confidence > above
    ]
    return sorted(found, key=lambda claim: (claim.phrase.intent, claim.intent, -claim.confidence))
