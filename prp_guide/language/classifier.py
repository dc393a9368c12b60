"""Messages to intents: a logistic head over the encoder, the nearest phrases, and the plain words as another opinion.

The head says which intent; the similarity to the nearest phrases says whether anything like the message was ever
seen, which the head's confidence alone does not; the words go wrong elsewhere than the meaning does.
Training takes seconds and needs neither torch nor a download.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from prp_guide.language.encoder import Vectors
from prp_guide.language.wording import Wording

OUT_OF_SCOPE = "out_of_scope"

# Added to the log-odds: to decline what could be answered costs the patient a second try, to answer what is none of
# ours costs trust.
_FAVOUR = {OUT_OF_SCOPE: 2.0}
_NEIGHBOURS = 5
_REGULARIZATION = 4.0
_ITERATIONS = 50
_NEIGHBOUR_WEIGHT = 0.5
_DIRECTIONS = 128  # that neighbours are compared in: a third of the time and memory of all 384, and as good
_NEIGHBOUR_TEMPERATURE = 0.05
_LIKELY = 8  # intents whose phrases are compared, of 63: a sixth of the time, and the same verdicts
_DOUBT = 1e-3  # added to a share: no opinion can rule an intent out alone
_FEW = 100  # phrases; those of an intent with fewer count for more, or it would drown beside one with a thousand
_TRUST = 0.55  # in two opinions that agree: 1 would be right if they never erred together


@dataclass(frozen=True)
class Guess:
    """One intent and how sure the classifier is of it, 0 to 1."""

    intent: str
    confidence: float


@dataclass(frozen=True)
class Verdict:
    """What the classifier makes of a message: guesses, the surest first; similarity of the nearest phrases, -1 to 1."""

    guesses: tuple[Guess, ...]
    similarity: float

    @property
    def best(self) -> Guess:
        return self.guesses[0]


class Classifier:
    """Maps vectors to intents."""

    def __init__(
        self,
        intents: Sequence[str],
        weights: Vectors,
        bias: Vectors,
        directions: Vectors,
        phrases: Vectors,
        labels: Any,
        wording: Wording,
    ) -> None:
        self.intents = tuple(intents)
        self._weights, self._bias = weights, bias
        self._directions, self._phrases = directions, phrases
        self._starts = np.searchsorted(labels, np.arange(len(self.intents) + 1))  # phrases lie in order of intent
        self._labels = labels
        self._wording = wording

    @classmethod
    def train(cls, texts: Sequence[str], vectors: Vectors, intents: Sequence[str]) -> Classifier:
        """A classifier learnt from phrases: `texts`, their `vectors`, one row each, and their `intents`."""
        from sklearn.linear_model import LogisticRegression  # only training needs it

        names = sorted(set(intents))
        index = {name: number for number, name in enumerate(names)}
        labels = np.array([index[intent] for intent in intents], dtype=np.int16)
        counts = np.bincount(labels)
        heed = np.maximum(1.0, min(_FEW, float(np.median(counts))) / counts)[labels]
        head = LogisticRegression(C=_REGULARIZATION, max_iter=_ITERATIONS, tol=1e-3)
        with warnings.catch_warnings():
            # Stopped early on purpose: more steps cost minutes and change nothing on unseen messages.
            warnings.filterwarnings("ignore", message="lbfgs failed to converge")
            head.fit(vectors, labels, sample_weight=heed)
        bias = head.intercept_.astype(np.float32)
        for intent, more in _FAVOUR.items():
            if intent in index:
                bias[index[intent]] += more
        in_order = np.argsort(labels, kind="stable")
        # The directions in which the phrases differ most (eigh sorts them upwards).
        directions = np.linalg.eigh(vectors.T @ vectors)[1][:, ::-1][:, :_DIRECTIONS].astype(np.float32)
        return cls(
            names,
            head.coef_.T.astype(np.float32),
            bias,
            directions,
            _along(vectors, directions)[in_order],
            labels[in_order],
            Wording.train(texts, labels, heed),
        )

    def classify(self, texts: Sequence[str], vectors: Vectors, *, top: int = 10) -> list[Verdict]:
        """A verdict for each of `texts`, whose vectors are the rows of `vectors`."""
        scores = vectors @ self._weights + self._bias
        scores -= scores.max(axis=1, keepdims=True)
        head = np.exp(scores)
        head /= head.sum(axis=1, keepdims=True)
        worded = self._wording.shares(texts)
        verdicts = []
        for row, vector in enumerate(_along(vectors, self._directions)):
            near, labels = self._nearest(vector, np.argsort(-head[row])[:_LIKELY])
            votes = np.exp((near - near.max()) / _NEIGHBOUR_TEMPERATURE)
            second = np.bincount(labels, votes / votes.sum(), minlength=len(self.intents))
            meant = (1 - _NEIGHBOUR_WEIGHT) * head[row] + _NEIGHBOUR_WEIGHT * second
            mixed = ((meant + _DOUBT) * (worded[row] + _DOUBT)) ** _TRUST
            mixed /= mixed.sum()
            order = np.argsort(-mixed)[:top]
            guesses = tuple(Guess(self.intents[index], float(mixed[index])) for index in order)
            verdicts.append(Verdict(guesses, float(near.mean())))
        return verdicts

    def _nearest(self, vector: Vectors, likely: Any) -> tuple[Vectors, Any]:
        """Similarities of the phrases nearest to `vector` among those of the `likely` intents, and their intents."""
        spans = [slice(self._starts[intent], self._starts[intent + 1]) for intent in likely]
        similarities = np.concatenate([self._phrases[span] @ vector for span in spans])
        labels = np.concatenate([self._labels[span] for span in spans])
        count = min(_NEIGHBOURS, len(similarities))
        nearest = np.argpartition(-similarities, count - 1)[:count]
        return similarities[nearest], labels[nearest]

    def to_bytes(self) -> bytes:
        """The classifier as an npz archive without pickled objects."""
        buffer = io.BytesIO()
        np.savez(
            buffer,
            intents=np.array(self.intents),
            weights=self._weights,
            bias=self._bias,
            directions=self._directions,
            phrases=self._phrases.astype(np.float16),
            labels=self._labels,
            **self._wording.arrays(),
        )
        return buffer.getvalue()

    @classmethod
    def from_bytes(cls, data: bytes) -> Classifier:
        """The classifier that `to_bytes` made `data` from."""
        with np.load(io.BytesIO(data), allow_pickle=False) as stored:
            return cls(
                [str(name) for name in stored["intents"]],
                stored["weights"],
                stored["bias"],
                stored["directions"],
                stored["phrases"].astype(np.float32),
                stored["labels"],
                Wording.from_arrays(stored),
            )


def _along(vectors: Vectors, directions: Vectors) -> Vectors:
    """`vectors` in `directions` only, of length 1 again."""
    seen = vectors @ directions
    return np.asarray(seen / np.linalg.norm(seen, axis=1, keepdims=True).clip(min=1e-9), dtype=np.float32)
