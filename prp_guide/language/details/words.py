"""The word lists of words.yml, ready to use."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

import yaml


@cache
def word_lists() -> dict[str, frozenset[str]]:
    """The lists of single words: no_names, also_names, particles, no_answers, titles."""
    return {name: frozenset(words.split()) for name, words in _read().items() if isinstance(words, str)}


@cache
def leads() -> re.Pattern[str]:
    """What may stand before a time in an answer, with the blanks around it; matches at the beginning."""
    return re.compile(rf"[\s,:.!-]*(?:(?:{_any(_read()['time_leads'])})(?:[\s,:.!-]+|$))*", re.IGNORECASE)


@cache
def tails() -> re.Pattern[str]:
    """What may stand after a time in an answer, up to the end: also the work of "would Friday work?"."""
    return re.compile(rf"(?:[\s,]+(?:{_any(_read()['time_tails'])}|work(?=\s*\?)))*[\s.,!?]*$", re.IGNORECASE)


def _any(phrases: Iterable[Any]) -> str:
    """One of `phrases`; an apostrophe in them may be missing or bent."""
    ordered = sorted(map(str, phrases), key=len, reverse=True)
    return "|".join(re.escape(phrase).replace(r"\ ", r"\s+").replace("'", "['’]?") for phrase in ordered)


@cache
def _read() -> dict[str, Any]:
    lists: dict[str, Any] = yaml.safe_load(Path(__file__).with_suffix(".yml").read_text(encoding="utf-8"))
    return lists
