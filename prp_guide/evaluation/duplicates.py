"""Phrases that say the same: word for word, but for signs, or all but for a word or two."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from prp_guide.language.phrases import Phrase

ALIKE = 0.9  # Dice, of two phrases' words or of their trigrams


@dataclass(frozen=True)
class NearDuplicates:
    """What repeats within one intent: of `total` phrases, each of `pairs` is (one that was there, its repetition)."""

    intent: str
    total: int
    pairs: tuple[tuple[Phrase, Phrase], ...]

    @property
    def distinct(self) -> int:
        return self.total - len(self.pairs)

    @property
    def share(self) -> float:
        """The repetitions among the phrases, 0 to 1."""
        return len(self.pairs) / self.total


def folded(text: str) -> str:
    """`text` without capitals, signs and emoji; a text of signs alone stays as it is."""
    text = unicodedata.normalize("NFKC", text).casefold()
    words = re.findall(r"[^\W_]+", text.replace("'", "").replace("’", ""))
    return " ".join(words) or "".join(text.split())


def across_intents(phrases: Iterable[Phrase]) -> tuple[list[list[Phrase]], list[list[Phrase]]]:
    """Groups of phrases that stand under several intents.

    First those that are the same but for capitals and spaces, then those that differ by punctuation or emoji alone.
    """
    same = _groups(phrases, lambda phrase: " ".join(phrase.text.casefold().split()))
    but_for_signs = _groups(phrases, lambda phrase: folded(phrase.text))
    seen = [set(group) for group in same]
    return same, [group for group in but_for_signs if not any(set(group) <= known for known in seen)]


def near_duplicates(phrases: Iterable[Phrase]) -> list[NearDuplicates]:
    """For each intent, the phrases that repeat one that stands before them."""
    by_intent: dict[str, list[Phrase]] = defaultdict(list)
    for phrase in phrases:
        by_intent[phrase.intent].append(phrase)
    return [_within(intent, members) for intent, members in sorted(by_intent.items())]


def _within(intent: str, phrases: Sequence[Phrase]) -> NearDuplicates:
    from sklearn.feature_extraction.text import CountVectorizer  # slow to import

    texts = [folded(phrase.text) for phrase in phrases]
    earlier: dict[int, int] = {}
    for features in (str.split, _trigrams):
        counts = CountVectorizer(analyzer=features, binary=True).fit_transform(texts)
        shared = (counts @ counts.T).toarray()
        sizes = shared.diagonal()
        alike = 2 * shared >= ALIKE * (sizes[:, None] + sizes[None, :])
        for number in range(1, len(texts)):
            # A phrase that is itself a repetition does not count as one that was there: chains would grow endless.
            first = next((other for other in alike[number, :number].nonzero()[0] if other not in earlier), None)
            if first is not None:
                earlier.setdefault(number, int(first))
    pairs = tuple((phrases[first], phrases[number]) for number, first in sorted(earlier.items()))
    return NearDuplicates(intent, len(phrases), pairs)


def _trigrams(text: str) -> list[str]:
    padded = f" {text} "
    return [padded[start : start + 3] for start in range(len(padded) - 2)]


def _groups(phrases: Iterable[Phrase], key: Callable[[Phrase], str]) -> list[list[Phrase]]:
    groups: dict[str, list[Phrase]] = defaultdict(list)
    for phrase in phrases:
        groups[key(phrase)].append(phrase)
    return [group for group in groups.values() if len({phrase.intent for phrase in group}) > 1]
