"""Words to intents: which words, word pairs and runs of letters a message is made of, and which intents use those.

The encoder says what a message means, and is at times carried off by a picture or a rare word; the plain words do not
mislead in the same places. The classifier listens to both.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from prp_guide.language.encoder import plain

Shares = NDArray[np.float32]

_SIGN = re.compile(r"[^\W_]+(?:'[^\W_]+)?|[?!]")
_RUNS = (3, 4)  # letters: word stems and endings, and what is left of a word after a slip
_SEEN = 3  # phrases that a feature must stand in: what only one or two use teaches nothing
_PENALTY = 2e-6
_PASSES = 5
_SEED = 1


class Wording:
    """A linear model over what a text is spelled of."""

    def __init__(self, features: Sequence[str], rarity: Shares, weights: NDArray[Any], bias: Shares) -> None:
        """`rarity` is a number for each of `features`; `weights` has a row for each, and a column for each intent."""
        self._index = {feature: row for row, feature in enumerate(features)}
        self._rarity, self._weights, self._bias = rarity, weights, bias

    @classmethod
    def train(cls, texts: Sequence[str], labels: NDArray[Any], heed: NDArray[Any]) -> Wording:
        """A model of `texts`; `labels` has the number of the intent of each, from 0 on, none left out.

        `heed` says how much each counts, 1 for most.
        """
        from sklearn.feature_extraction.text import TfidfVectorizer  # only training needs it
        from sklearn.linear_model import SGDClassifier

        counted = TfidfVectorizer(analyzer=_features, min_df=_SEEN, binary=True, dtype=np.float32)
        rows = counted.fit_transform(texts)
        # A fixed number of passes: more of them learn the phrases by heart. Averaged over all steps: a few phrases more
        # change few verdicts. Threads, since processes would copy all.
        head = SGDClassifier(
            loss="log_loss",
            alpha=_PENALTY,
            max_iter=_PASSES,
            tol=None,
            average=True,
            n_jobs=-1,
            random_state=_SEED,
        )
        head.fit(rows, labels, sample_weight=heed)
        return cls(
            counted.get_feature_names_out().tolist(),
            counted.idf_.astype(np.float32),
            head.coef_.T.astype(np.float16),
            head.intercept_.astype(np.float32),
        )

    def shares(self, texts: Sequence[str]) -> Shares:
        """How much each of `texts` sounds like each intent: one row a text, adding up to 1."""
        scores = np.stack([self._scores(text) for text in texts])
        yes = 1 / (1 + np.exp(-scores.clip(-50, 50)))
        return np.asarray(yes / yes.sum(axis=1, keepdims=True), dtype=np.float32)

    def _scores(self, text: str) -> Shares:
        rows = [row for feature in _features(text) if (row := self._index.get(feature)) is not None]
        if not rows:
            return self._bias
        rarity = self._rarity[rows]
        return np.asarray(rarity / np.linalg.norm(rarity) @ self._weights[rows] + self._bias, dtype=np.float32)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """The model as arrays; `from_arrays` makes it of them again."""
        return {
            "features": np.frombuffer("\n".join(self._index).encode(), dtype=np.uint8),
            "rarity": self._rarity,
            "feature_weights": self._weights,
            "feature_bias": self._bias,
        }

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> Wording:
        """The model that `arrays` was made from."""
        features = arrays["features"].tobytes().decode().split("\n")
        return cls(features, arrays["rarity"], arrays["feature_weights"], arrays["feature_bias"])


def _features(text: str) -> set[str]:
    """The words and signs of `text`, its pairs of neighbours, and the runs of letters within its words."""
    words = _SIGN.findall(plain(text).lower())
    found = set(words)
    found.update(f"{one} {other}" for one, other in pairwise(words))
    for word in set(words):
        marked = f"<{word}>"
        found.update(f"~{marked[start : start + size]}" for size in _RUNS for start in range(len(marked) - size + 1))
    return found
