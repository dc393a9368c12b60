"""Slips of the finger, as everyone makes them on a phone: what they cost is a figure of its own."""

from __future__ import annotations

import random
from collections.abc import Sequence

_SEED = 7
_KEYBOARD = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_BESIDE = {
    key: row[max(0, place - 1) : place] + row[place + 1 : place + 2]
    for row in _KEYBOARD
    for place, key in enumerate(row)
}


def slipped(texts: Sequence[str]) -> list[str]:
    """Each of `texts` with one slip of the finger: a letter lost, doubled, swapped, or that of the next key.

    The same slips in each run.
    """
    rng = random.Random(_SEED)  # noqa: S311 - typing, not secrets
    return [_slip(text, rng) for text in texts]


def _slip(text: str, rng: random.Random) -> str:
    spots = [place for place, sign in enumerate(text) if sign.isalpha()]
    if not spots:
        return text
    at = rng.choice(spots)
    before, sign, after = text[:at], text[at], text[at + 1 :]
    match rng.choice(("lost", "doubled", "swapped", "beside")):
        case "lost":
            return before + after
        case "swapped" if after[:1].isalpha() and after[0] != sign:
            return before + after[0] + sign + after[1:]
        case "beside" if sign.lower() in _BESIDE:
            return before + rng.choice(_BESIDE[sign.lower()]) + after
        case _:
            return before + sign + sign + after
