"""data/red_flags.yml as typed, checked data."""

from __future__ import annotations

import datetime
import re
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, validator

from prp_guide import yaml_file
from prp_guide.errors import DataError
from prp_guide.home import Home
from prp_guide.yaml_file import Strict

_COMMA_LIST = re.compile(r"\s*,\s*")

Tier = Literal["emergency", "self_harm", "poison", "same_day"]
TIERS: tuple[Tier, ...] = ("emergency", "self_harm", "poison", "same_day")


def _lines(value: Any) -> Any:
    """A block of text as its lines; anything else is left for pydantic to judge."""
    return tuple(line.strip() for line in value.splitlines() if line.strip()) if isinstance(value, str) else value


def _listed(value: Any) -> Any:
    """'throat, voice box' as its entries."""
    return tuple(filter(None, _COMMA_LIST.split(value.strip()))) if isinstance(value, str) else value


def _some(value: tuple[Any, ...]) -> tuple[Any, ...]:
    if not value:
        raise ValueError("at least one is needed")
    return value


class Approval(Strict):
    """Who signed it, when, and when it must be looked at again."""

    by: str = Field(min_length=1)
    date: datetime.date
    review_by: datetime.date


class GuardData(Strict):
    """One thing that takes the alarm out of words: negation, a general question, an idiom."""

    reason: str = Field(min_length=1)
    scope: Literal["forward", "span", "sentence", "message"]
    reach: int = Field(default=8, ge=1, le=60)
    opens: tuple[str, ...]
    ignore: tuple[str, ...] = ()
    stops: tuple[str, ...] = ()
    comma_stops: tuple[str, ...] = ()
    cancelled_by: tuple[str, ...] = ()

    _filled = validator("opens", allow_reuse=True)(_some)
    _as_lines = validator("opens", "ignore", "cancelled_by", pre=True, allow_reuse=True)(_lines)
    _as_list = validator("stops", "comma_stops", pre=True, allow_reuse=True)(_listed)


class TierData(Strict):
    """What holds for all rules of a tier."""

    card: str = Field(min_length=1)
    unless: tuple[str, ...]

    _as_list = validator("unless", pre=True, allow_reuse=True)(_listed)


class RuleData(Strict):
    """One red flag: why, what to match, and messages that must and must not raise it."""

    id: str = Field(regex=r"^[a-z0-9]+(-[a-z0-9]+)*$")
    tier: Tier
    reason: str = Field(min_length=10)
    approval: Literal["none"] | Approval
    match: tuple[str, ...]
    excepting: tuple[str, ...] = Field(default=(), alias="except")
    excepting_sentences: tuple[str, ...] = Field(default=(), alias="except_sentence")
    unless: tuple[str, ...] | None = None
    fires: tuple[str, ...]
    look_alikes: tuple[str, ...]

    _filled = validator("match", "fires", "look_alikes", allow_reuse=True)(_some)
    _as_lines = validator(
        "match", "excepting", "excepting_sentences", "fires", "look_alikes", pre=True, allow_reuse=True
    )(_lines)
    _as_list = validator("unless", pre=True, allow_reuse=True)(_listed)


class Rulebook(Strict):
    """The whole file."""

    tiers: dict[Tier, TierData]
    forms: dict[str, str]
    fillers: tuple[str, ...]
    real_words: tuple[str, ...]
    words: dict[str, tuple[str, ...]]
    guards: dict[str, GuardData]
    flags: tuple[RuleData, ...]

    _filled = validator("flags", allow_reuse=True)(_some)
    _as_list = validator("fillers", "real_words", pre=True, allow_reuse=True)(_listed)
    _as_lists = validator("words", pre=True, each_item=True, allow_reuse=True)(_listed)

    @validator("tiers")
    def _all_tiers(cls, tiers: dict[Tier, TierData]) -> dict[Tier, TierData]:  # noqa: N805
        missing = [tier for tier in TIERS if tier not in tiers]
        if missing:
            raise ValueError(f"no entry for {', '.join(missing)}")
        return tiers


def path_of(home: Home) -> Path:
    return home.data / "red_flags.yml"


def load(home: Home) -> Rulebook:
    """The rules of this installation. Raises DataError with file, line and what to write."""
    path = path_of(home)
    book = yaml_file.read(path, Rulebook)
    seen: set[str] = set()
    for number, rule in enumerate(book.flags):
        if rule.id in seen:
            line = yaml_file.line_of(path, ("flags", number, "id"))
            raise DataError(path, line, f"two rules have the id '{rule.id}'", "Give each rule an id of its own.")
        seen.add(rule.id)
    return book
