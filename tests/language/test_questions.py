"""One message into the questions that it holds."""

from __future__ import annotations

import pytest

from prp_guide.language.questions import pieces


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("does it hurt? how long does it take?", ["does it hurt?", "how long does it take?"]),
        ("how much does it cost do you take insurance", ["how much does it cost", "do you take insurance"]),
        ("how long does it last is it painful", ["how long does it last", "is it painful"]),
        ("can i eat first where do i park", ["can i eat", "where do i park"]),
        ("what pain meds can i take where do i park", ["what pain meds can i take", "where do i park"]),
        ("can i run, swim and drink wine", ["can i run", "can i swim", "can i drink wine"]),
        ("¿duele? ¿cuánto cuesta?", ["¿duele?", "¿cuánto cuesta?"]),
    ],
)
def test_several(text: str, parts: list[str]) -> None:
    found = [piece.text for piece in pieces(text)]
    assert [part.lstrip("¿ ") for part in found] == [part.lstrip("¿ ") for part in parts]


@pytest.mark.parametrize(
    "text",
    [
        "how many sessions is it usually?",
        "how many treatments would I need altogether?",
        "so how many days of downtime should i plan on",
        "what kind of shampoo can i use",
        "which of those do you handle?",
        "how much of my blood are you really planning to take?",
        "do you know how long it takes",
        "How many days do I have to go before I'm allowed to shampoo?",
    ],
)
def test_one(text: str) -> None:
    """A verb may stand far behind what it asks about."""
    assert [piece.text for piece in pieces(text)] == [text]
