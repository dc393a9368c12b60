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
                # Words that are one without a letter of each are two slips apart at most.
                cost = 1 if one_slip(word, target) else 2
                if cost <= allowed and (cost < least or (cost == least and target < best)):
                    best, least = target, cost
        return best


def _shortened(word: str) -> set[str]:
    return {word[:i] + word[i + 1 :] for i in range(len(word))}


def one_slip(left: str, right: str) -> bool:
    """Whether one letter more, one less, another one, or two swapped neighbours make `left` of `right`."""
    begin, most = 0, min(len(left), len(right))
    while begin < most and left[begin] == right[begin]:
        begin += 1
    end = 0
    while end < most - begin and left[-1 - end] == right[-1 - end]:
        end += 1
    left, right = left[begin : len(left) - end], right[begin : len(right) - end]
    return max(len(left), len(right)) == 1 or (len(left) == 2 and left == right[::-1])
