"""Claims that are never made, beside words that look alike and are fine."""

from __future__ import annotations

import pytest

from prp_guide.content import wording

NEVER = [
    ("en", "PRP is safe.", "safe"),
    ("en", "It is done safely.", "safely"),
    ("en", "A painless visit.", "painless"),
    ("en", "It doesn't hurt.", "doesn't hurt"),
    ("en", "PRP is FDA-approved.", "FDA-approved"),
    ("en", "We promise results.", "We promise"),
    ("en", "Results are guaranteed.", "guaranteed"),
    ("en", "PRP will work.", "PRP will work"),
    ("en", "Your hair will grow.", "hair will grow"),
    ("en", "It regrows hair.", "regrows"),
    ("en", "You are fine.", "You are fine"),
    ("en", "Please do not worry.", "do not worry"),
    ("en", "It is better than pills.", "better than"),
    ("en", "It is $ 600.", "$ 600."),
    ("en", "Take 5 mg.", "5 mg"),
    ("en", "The dosage differs.", "dosage"),
    ("en", "I'm sorry to hear that.", "I'm sorry"),
    ("es", "El PRP es seguro.", "es seguro"),
    ("es", "Es indoloro.", "indoloro"),
    ("es", "Sin dolor alguno.", "Sin dolor"),
    ("es", "Está aprobado por la FDA.", "aprobado por la FDA"),
    ("es", "Los resultados están garantizados.", "garantizados"),
    ("es", "No se preocupe.", "No se preocupe"),
    ("es", "Lo siento mucho.", "Lo siento"),
    ("es", "Tome 5 mg.", "5 mg"),
]
FINE = [
    ("en", "Keep your scalp out of the sun for 48 hours."),
    ("en", "No one can promise you a result."),
    ("en", "Ask for the price of one session."),
    ("en", "FDA status is not on our page."),
    ("en", "If something worries you, call us."),
    ("en", "No treatment is without risk."),
    ("es", "Nuestra página no habla del seguro."),
    ("es", "Nadie puede prometerle un resultado."),
    ("es", "Ningún tratamiento está libre de riesgos."),
    ("es", "Cuánto duele no lo dice nuestra página."),
]


@pytest.mark.parametrize(("lang", "text", "words"), NEVER)
def test_a_claim_is_found(lang: str, text: str, words: str) -> None:
    found = [problem for problem, _ in wording.claims(text, lang)]
    assert f"{words!r} must not be said" in found


@pytest.mark.parametrize(("lang", "text"), FINE)
def test_what_looks_alike_is_fine(lang: str, text: str) -> None:
    assert list(wording.claims(text, lang)) == []


def test_only_a_staff_reply_may_speak_of_the_price() -> None:
    text = "Ask for the price of one session."
    assert not list(wording.claims(text, "en"))
    assert list(wording.claims(text, "en", answer=True))


@pytest.mark.parametrize(
    ("text", "lang", "problems"),
    [
        ("You wait for it. " * 8, "en", ["8 sentences"]),
        ("Espere usted aquí un rato. " * 6, "es", []),
        ("You wait. " * 5, "en", ["10 words"]),
        ("You wait " * 31, "en", ["62 words", "a sentence of 62 words"]),
        ("Usted " * 24 + "va. Usted " + "espera aquí. " * 5, "es", []),
    ],
)
def test_length(text: str, lang: str, problems: list[str]) -> None:
    found = [problem for problem, _ in wording.measures(text.strip(), lang)]
    assert len(found) == len(problems)
    for problem, expected in zip(found, problems, strict=True):
        assert problem.startswith(expected)


@pytest.mark.parametrize(
    ("text", "lang", "count"),
    [
        ("Wait 48 hours, then call us.", "en", 0),
        ("Great question. Wait 48 hours, you can call.", "en", 1),
        ("Washing is delayed.", "en", 1),
        ("Buena pregunta. Espere.", "es", 1),
        ("Espere 48 horas.", "es", 0),
    ],
)
def test_manner(text: str, lang: str, count: int) -> None:
    assert len(list(wording.manner(text, lang))) == count


def test_a_placeholder_counts_as_two_words() -> None:
    assert wording.words("Call {phone} now.") == 4


def test_reading_grade_rises_with_long_words_and_sentences() -> None:
    plain = wording.reading_grade("Wait 2 days. Then wash your hair. Call us if you want to know more.")
    hard = wording.reading_grade("Individual dermatological consideration necessitates differentiated evaluation.")
    assert plain < 4 < 12 < hard
