"""`prp-guide check phrases`: do they differ, are they enough, does each stand under its own intent?"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence
from itertools import groupby

from prp_guide.evaluation.duplicates import NearDuplicates, across_intents, near_duplicates
from prp_guide.home import Home
from prp_guide.language.phrases import Phrase, read_phrases

ENOUGH = 120  # distinct phrases an intent
MOST_ALIKE = 0.05  # of an intent's phrases


def check(home: Home, *, quick: bool = False) -> int:
    """Print what is to be looked at, file and line first. 2 when phrases stand under two intents or repeat, else 0.

    `quick` leaves out what needs the model: the phrases that another intent claims. Raises DataError.
    """
    phrases = read_phrases(home)
    groups = _Groups(home)
    same, but_for_signs = across_intents(phrases)
    for group in same:
        groups.fault("The same phrase under several intents: keep one", map(groups.line, group))
    alike = near_duplicates(phrases)
    for intent in alike:
        if intent.share > MOST_ALIKE:
            title = f"{intent.intent}: {intent.share:.1%} near-duplicates, {MOST_ALIKE:.0%} allowed: reword or remove"
            groups.fault(title, map(groups.pair, intent.pairs))
    for group in but_for_signs:
        groups.warn("Only punctuation, emoji or capitals tell these apart", map(groups.line, group))
    for intent in alike:
        if intent.distinct < ENOUGH:
            groups.warn(f"{intent.intent}: {intent.distinct} distinct phrases, {ENOUGH} are wanted", ())
    if not quick:
        groups.claims(phrases)
    print(_summary(phrases, alike))
    print(f"{groups.faults} to put right, {groups.warnings} to look at.")
    return 2 if groups.faults else 0


class _Groups:
    """Prints groups of phrases, and counts them."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self.faults = self.warnings = 0

    def fault(self, title: str, lines: Iterable[str]) -> None:
        self.faults += 1
        print("\n  ".join((f"{title}:", *lines)), end="\n\n", file=sys.stderr)

    def warn(self, title: str, lines: Iterable[str]) -> None:
        self.warnings += 1
        listed = list(lines)
        print("\n  ".join((f"{title}{':' if listed else '.'}", *listed)), end="\n\n")

    def line(self, phrase: Phrase) -> str:
        return f"{self._place(phrase)} {phrase.intent}: {phrase.text}"

    def pair(self, pair: tuple[Phrase, Phrase]) -> str:
        first, second = pair
        return f"{self._place(second)} {second.text}   ({self._place(first)} {first.text})"

    def claims(self, phrases: Sequence[Phrase]) -> None:
        """Warn of the phrases that another intent claims, a group for each pair of intents."""
        from prp_guide.evaluation.cross_validation import claimed, out_of_fold  # heavy, and not for --quick
        from prp_guide.language.known_vectors import phrase_vectors

        print(
            f"Asking the model about {len(phrases)} phrases that it has not seen, which takes minutes ...", flush=True
        )
        texts = [phrase.text for phrase in phrases]
        vectors = phrase_vectors(self._home.encoder, texts, threads=os.cpu_count() or 1)
        found = claimed(phrases, out_of_fold(phrases, vectors))
        for (intent, other), group in groupby(found, key=lambda claim: (claim.phrase.intent, claim.intent)):
            lines = (f"{self._place(one.phrase)} {one.confidence:.2f} {one.phrase.text}" for one in group)
            self.warn(f"Phrases of {intent} that {other} claims", lines)

    def _place(self, phrase: Phrase) -> str:
        return f"{phrase.path.relative_to(self._home.root)}:{phrase.line}:"


def _summary(phrases: Sequence[Phrase], alike: Sequence[NearDuplicates]) -> str:
    repeated = sum(len(intent.pairs) for intent in alike)
    rows = [f"  {one.intent:<28}{one.total:>6}{len(one.pairs):>6}{one.share:>8.1%}" for one in alike]
    head = f"  {'intent':<28}{'all':>6}{'near':>6}{'share':>8}"
    whole = (
        f"{len(phrases)} phrases of {len(alike)} intents, {repeated} near-duplicates ({repeated / len(phrases):.1%})."
    )
    return "\n".join((head, *rows, "", whole))
