"""Mends the typing errors of a message, towards the words that our phrases use.

A word that English or the phrases know stays as it is, so names of medicines and slang survive if anyone wrote them
down. Spanish and other languages are left alone: the nearest English word is no help there.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files

from symspellpy import SymSpell, Verbosity
from symspellpy.suggest_item import SuggestItem

from prp_guide.language.tongue import tongue

_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")
_SHORTEST = 4  # letters: of three, too many are words already
_TWO_SLIPS = 6  # letters from which on two slips are thought of
_SLIPS = 2
_ESTABLISHED = 5  # times in the phrases: fewer may be a typing error that a phrase shows on purpose
_OURS = 25  # times, from which on a word is taken for a target though no dictionary has it: "prp", "minoxidil"


class Speller:
    """Corrects words towards those of the phrases it learnt."""

    def __init__(self, words: Mapping[str, int]) -> None:
        """`words` are how often the phrases use each of their words, as `words_of` counts them."""
        english = _english()
        self._known = english | words.keys()
        self._targets = SymSpell(max_dictionary_edit_distance=_SLIPS)
        for word, count in words.items():
            if word in english or count >= _OURS:
                self._targets.create_dictionary_entry(word, count)

    def correct(self, text: str) -> str:
        """`text` with its mistyped words mended; the same text where there are none, or it is not English."""
        mended = _WORD.sub(lambda match: self._word(match[0]), text)
        return text if mended == text or tongue(text) not in ("en", None) else mended

    def _word(self, word: str) -> str:
        lower = word.lower()
        if len(lower) < _SHORTEST or word.isupper() or not lower.isascii():
            return word
        if lower in self._known or lower.replace("'", "") in self._known:
            return word
        slips = 1 if len(lower) < _TWO_SLIPS else _SLIPS
        near = [
            one
            for one in self._targets.lookup(lower, Verbosity.CLOSEST, max_edit_distance=slips)
            if one.term[0] == lower[0] or one.distance == 1
        ]
        return min(near, key=lambda one: _unlikely(one, lower)).term if near else word


def words_of(phrases: Sequence[str]) -> dict[str, int]:
    """How often `phrases` use each of their established words, in lower case."""
    counts = Counter(word for phrase in phrases for word in _WORD.findall(phrase.lower()) if word.isascii())
    return {word: count for word, count in counts.items() if count >= _ESTABLISHED}


def _unlikely(one: SuggestItem, typed: str) -> tuple[bool, int]:
    """Swapped letters are the most common slip; then the more common word is the likelier one."""
    return sorted(one.term) != sorted(typed), -one.count


@cache
def _english() -> frozenset[str]:
    lines = files("symspellpy").joinpath("frequency_dictionary_en_82_765.txt").read_text(encoding="utf-8-sig")
    return frozenset(line.split()[0] for line in lines.splitlines())
