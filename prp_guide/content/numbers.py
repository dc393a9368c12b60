"""Numbers in a reply, held against the values of the facts that it cites."""

from __future__ import annotations

import re
from collections.abc import Iterable

# Units of values, English to Spanish. A value with another unit stands in both languages as it is written.
UNITS = {
    "minute": "minuto",
    "minutes": "minutos",
    "hour": "hora",
    "hours": "horas",
    "day": "día",
    "days": "días",
    "week": "semana",
    "weeks": "semanas",
    "month": "mes",
    "months": "meses",
    "year": "año",
    "years": "años",
    "session": "sesión",
    "sessions": "sesiones",
    "to": "a",
    "or": "o",
    "and": "y",
    "percent": "por ciento",
}

# Numbers that are the same for every clinic, and no claim.
PHONE_LINES = ("1-800-222-1222", "911", "988")

DIGITS = re.compile(r"\d+(?:[.,:]\d+)*")
UNIT_EN = "(?:minute|hour|day|week|month|year)"
UNIT_ES = "(?:minuto|hora|día|semana|mes|año)"

# Written out, a number would escape the proof. The last line of each catches "within a day".
NUMBER_WORDS = {
    "en": re.compile(
        r"\b(?:two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twenty|thirty|forty|fifty|sixty"
        r"|hundred|dozen|twice"
        rf"|(?:within|in|for|after|about|every) (?:an?|one) {UNIT_EN})\b",
        re.I,
    ),
    "es": re.compile(
        r"\b(?:dos|tres|cuatro|cinco|seis|siete|ocho|nueve|diez|once|doce|veinte|treinta|cuarenta|cincuenta|sesenta"
        r"|cien|ciento|docena"
        rf"|(?:en|por|durante|tras|cada) una? {UNIT_ES})\b",
        re.I,
    ),
}


def in_language(value: str, lang: str) -> str:
    """A value of a fact, such as "4 to 6 weeks", in `lang`: "4 a 6 semanas"."""
    if lang == "en":
        return value
    return " ".join(UNITS.get(word.lower(), word) for word in value.split())


def unproven(text: str, values: Iterable[str], lang: str = "en") -> list[str]:
    """The numbers of `text`, in digits or in words, that are no part of one of the `values` with its unit."""
    rest = text
    # The longest first, so that "4 to 6 weeks" is not eaten by a "6 weeks".
    for value in sorted((in_language(value, lang) for value in values), key=len, reverse=True):
        rest = _cut(rest, value)
    for line in PHONE_LINES:
        rest = _cut(rest, line)
    digits = [found.group() for found in DIGITS.finditer(rest)]
    words = [found.group() for found in NUMBER_WORDS[lang].finditer(rest)]
    return digits + words


def _cut(text: str, part: str) -> str:
    return re.sub(rf"(?<![\w.,:/$-]){re.escape(part)}(?![\w-])", " ", text, flags=re.I)
