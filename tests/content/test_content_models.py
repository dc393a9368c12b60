"""Approvals, languages, placeholders, numbers: the small parts by themselves."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from prp_guide.content import Card, Text, Topic, fill
from prp_guide.content.numbers import in_language, unproven
from prp_guide.content.placeholders import placeholders, stray_brace

SIGNED = {"by": "Jo Lee", "date": "2026-01-10", "review_by": "2026-12-31"}


def topic(**changes: Any) -> Topic:
    fields: dict[str, Any] = {
        "id": "washing",
        "kind": "answer",
        "label": {"en": "When?"},
        "reply": {"en": "Wait."},
        "facts": ["first"],
        "next": ["sun"],
    }
    return Topic.parse_obj({**fields, **changes})


@pytest.mark.parametrize(
    ("approval", "today", "status", "overdue"),
    [
        ("none", "2030-01-01", "pending", False),
        (SIGNED, "2026-06-01", "approved", False),
        (SIGNED, "2026-12-01", "approved", False),
        (SIGNED, "2026-12-02", "review_soon", False),
        (SIGNED, "2026-12-31", "review_soon", False),
        (SIGNED, "2027-01-01", "overdue", True),
    ],
)
def test_where_an_approval_stands(approval: Any, today: str, status: str, overdue: bool) -> None:
    day = dt.date.fromisoformat(today)
    signed = topic(approval=approval)
    assert signed.status(day) == status
    assert signed.overdue(day) is overdue


def test_each_language_is_approved_by_itself() -> None:
    signed = topic(approval=SIGNED)
    assert signed.approved("en") is not None
    assert signed.approved("es") is None
    assert signed.status(dt.date(2027, 1, 1), "es") == "pending"


def test_a_card_is_a_text_that_is_signed() -> None:
    card = Card.parse_obj({"en": "Call 911 now.", "approval": SIGNED})
    assert card["es"] == "Call 911 now."
    assert card.approved() is not None


@pytest.mark.parametrize(
    ("es", "wanted", "text", "lang"),
    [
        (None, "es", "Yes", "en"),
        ("Sí", "es", "Sí", "es"),
        ("Sí", "en", "Yes", "en"),
        ("Sí", "fr", "Yes", "en"),
    ],
)
def test_a_text_falls_back_to_english(es: str | None, wanted: str, text: str, lang: str) -> None:
    found = Text(en="Yes", es=es)
    assert (found[wanted], found.lang(wanted)) == (text, lang)


@pytest.mark.parametrize(
    ("text", "words", "filled"),
    [
        ("Call {phone}.", {"phone": "1"}, "Call 1."),
        ("Call {phone}.", {}, "Call {phone}."),
        ("{a} {b}", {"a": "{b}", "b": "x"}, "{b} x"),  # a patient's name in braces stays a name
        ("{0.__class__}", {"0": "x"}, "{0.__class__}"),
    ],
)
def test_placeholders_are_filled_in_one_pass(text: str, words: dict[str, str], filled: str) -> None:
    assert fill(text, words) == filled


@pytest.mark.parametrize(
    ("text", "names", "stray"),
    [("Call {phone}", ("phone",), False), ("Call {phone", (), True), ("} {", (), True), ("none", (), False)],
)
def test_placeholders_and_stray_braces(text: str, names: tuple[str, ...], stray: bool) -> None:
    assert placeholders(text) == names
    assert stray_brace(text) is stray


@pytest.mark.parametrize(
    ("value", "spanish"),
    [
        ("48 hours", "48 horas"),
        ("1 day", "1 día"),
        ("4 to 6 weeks", "4 a 6 semanas"),
        ("4 to 6 months", "4 a 6 meses"),
        ("3 sessions", "3 sesiones"),
        ("5 widgets", "5 widgets"),
    ],
)
def test_values_in_spanish(value: str, spanish: str) -> None:
    assert in_language(value, "es") == spanish
    assert in_language(value, "en") == value


@pytest.mark.parametrize(
    ("text", "values", "lang", "found"),
    [
        ("Wait 48 hours.", ["48 hours"], "en", []),
        ("Espere 48 horas.", ["48 hours"], "es", []),
        ("4 to 6 weeks apart", ["4 to 6 weeks"], "en", []),
        ("Call 911 or 988, or 1-800-222-1222.", [], "en", []),
        ("the price of one session", [], "en", []),
        ("4-6 weeks apart", ["4 to 6 weeks"], "en", ["4", "6"]),
        ("4 to 6 months", ["4 to 6 weeks"], "en", ["4", "6"]),
        ("148 hours", ["48 hours"], "en", ["148"]),
        ("1.48 hours", ["48 hours"], "en", ["1.48"]),
        ("48 hoursish", ["48 hours"], "en", ["48"]),
        ("two or three", [], "en", ["two", "three"]),
        ("It fades within a day.", ["1 day"], "en", ["within a day"]),
        ("Pasa en un día.", ["1 day"], "es", ["en un día"]),
        ("dos sesiones", ["3 sessions"], "es", ["dos"]),
        ("una sesión", [], "es", []),
    ],
)
def test_numbers_that_no_value_proves(text: str, values: list[str], lang: str, found: list[str]) -> None:
    assert unproven(text, values, lang) == found
