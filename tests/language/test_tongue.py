"""Which language a message is in: short, mistyped, mixed, and those that could be anyone's."""

from __future__ import annotations

import pytest

from prp_guide.language.tongue import OTHER, tongue


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("does it hurt", "en"),
        ("thx, when can i wash my hair", "en"),
        ("do u do eyebrows", "en"),
        ("how much", "en"),
        ("no i don't", "en"),
        ("does my insurance cover una sesión", "en"),
        ("cuanto cuesta", "es"),
        ("¿duele?", "es"),
        ("me puedo bañar el mismo dia", "es"),
        ("hola", "es"),
        ("ok gracias", "es"),
        ("el appointment de mañana lo puedo mover", "es"),
        ("quero saber se vocês fazem o tratamento para queda de cabelo em homens", OTHER),
        ("combien de séances faut il pour les cheveux", OTHER),
        ("머리에 주사 맞으면 많이 아픈가요?", OTHER),
        ("Сколько стоит процедура?", OTHER),
        ("فارسی صحبت می‌کنید", OTHER),
    ],
)
def test_tongue(text: str, expected: str) -> None:
    assert tongue(text) == expected


@pytest.mark.parametrize("text", ["", "???", "🙂", "310 555 0147", "Maria Lopez", "PRP?", "no", "botox", "Jose"])
def test_what_could_be_anyones(text: str) -> None:
    assert tongue(text) is None


def test_a_long_message_is_no_trouble() -> None:
    assert tongue("when can i wash my hair " * 200) == "en"
