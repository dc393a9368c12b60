"""Mends typos of red-flag words, and of nothing else: a word that is a real word of its own stays as it is."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache

_SHORTEST, _LONGEST, _LONG = 4, 22, 8
_REMEMBERED = 4096


class Speller:
    """`targets` are the words worth mending to, `known` those that rules name, `real` all others to be left alone.

    `stemmed` says whether a rule covers a word by its beginning.
    """

    def __init__(
        self,
        targets: Iterable[str],
        known: Iterable[str],
        real: Iterable[str],
        stemmed: Callable[[str], bool] = lambda word: False,
    ) -> None:
        self._targets = frozenset(word for word in targets if _SHORTEST <= len(word) <= _LONGEST)
        self._known = frozenset(known) | self._targets
        self._real = frozenset(real)
        self._stemmed = stemmed
        self._near: dict[str, list[str]] = {}
        for word in sorted(self._targets):
            for key in {word, *_shortened(word)}:
                self._near.setdefault(key, []).append(word)
        self.mend = lru_cache(maxsize=_REMEMBERED)(self._mend)

    def knows(self, word: str) -> bool:
        return word in self._known

    def _mend(self, word: str) -> str:
        """The red-flag word that `word` was meant to be, or `word` itself."""
        if not _SHORTEST <= len(word) <= _LONGEST or word in self._known or not word.isascii():
            return word
        if word.endswith("s") and word[:-1] in self._targets:
            return word[:-1]
        if word in self._real or self._stemmed(word):
            return word
        best, least = word, 3
        allowed = 2 if len(word) >= _LONG else 1
        for key in (word, *_shortened(word)):
            for target in self._near.get(key, ()):
                # A slip rarely changes how a word begins.
                if target[0] != word[0] and sorted(target[:2]) != sorted(word[:2]):
                    continue
                cost = distance(word, target)
                if cost <= allowed and (cost < least or (cost == least and target < best)):
                    best, least = target, cost
        return best


def _shortened(word: str) -> set[str]:
    return {word[:i] + word[i + 1 :] for i in range(len(word))}


def distance(left: str, right: str) -> int:
    """Edits between two words; two swapped neighbours count as one."""
    before: list[int] = []
    last = list(range(len(right) + 1))
    for i, a in enumerate(left, 1):
        row = [i]
        for j, b in enumerate(right, 1):
            cost = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (a != b))
            if i > 1 and j > 1 and a == right[j - 2] and left[i - 2] == b:
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
        before, last = last, row
    return last[-1]
