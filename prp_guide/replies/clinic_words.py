"""What clinic.yml knows, in words: the placeholders of the texts."""

from __future__ import annotations

import itertools
from datetime import time

from prp_guide.clinic import DAYS, Clinic, Span, phone_text

DAY_NAMES = {
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    "es": ("lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo"),
}
TO = {"en": "to", "es": "a"}
AND = {"en": "and", "es": "y"}
CLOSED = {"en": "closed", "es": "cerrado"}

SPANISH_LANGUAGES = {
    "arabic": "árabe",
    "armenian": "armenio",
    "cantonese": "cantonés",
    "chinese": "chino",
    "english": "inglés",
    "farsi": "farsi",
    "french": "francés",
    "german": "alemán",
    "hebrew": "hebreo",
    "hindi": "hindi",
    "italian": "italiano",
    "japanese": "japonés",
    "korean": "coreano",
    "mandarin": "mandarín",
    "persian": "persa",
    "portuguese": "portugués",
    "russian": "ruso",
    "spanish": "español",
    "tagalog": "tagalo",
    "ukrainian": "ucraniano",
    "vietnamese": "vietnamita",
}


def clinic_words(clinic: Clinic, lang: str = "en") -> dict[str, str]:
    """The placeholders that can be filled in for `clinic`. What the clinic has not said is not among them."""
    words = {"name": clinic.name, "phone": clinic.phone_text, "kept_days": str(clinic.privacy.conversation_days)}
    if clinic.after_hours_phone:
        words["after_hours_phone"] = phone_text(clinic.after_hours_phone)
    if clinic.address:
        words["address"] = clinic.address.rstrip(".")
    if clinic.hours:
        words["hours"] = hours_text(clinic.hours, lang)
    if clinic.languages:
        words["languages"] = languages_text(clinic.languages, lang)
    return words


def hours_text(hours: dict[str, tuple[Span, ...]], lang: str = "en") -> str:
    """A week's hours: "Monday to Friday 9 am to 5 pm; Saturday and Sunday closed"."""
    names = DAY_NAMES[lang]
    week = [(names[place], hours.get(day, ())) for place, day in enumerate(DAYS)]
    parts = []
    for spans, days in itertools.groupby(week, key=lambda day: day[1]):
        parts.append(f"{_days([name for name, _ in days], lang)} {_spans(spans, lang)}")
    return "; ".join(parts)


def languages_text(languages: tuple[str, ...], lang: str = "en") -> str:
    """A list of languages: "English, Spanish and Farsi"."""
    names = [SPANISH_LANGUAGES.get(name.casefold(), name) for name in languages] if lang == "es" else list(languages)
    return _listed(names, lang)


def _days(names: list[str], lang: str) -> str:
    if len(names) > 2:
        return f"{names[0]} {TO[lang]} {names[-1]}"
    return _listed(names, lang)


def _spans(spans: tuple[Span, ...], lang: str) -> str:
    if not spans:
        return CLOSED[lang]
    return _listed([f"{_time(opens)} {TO[lang]} {_time(closes)}" for opens, closes in spans], lang)


def _time(moment: time) -> str:
    # Without the dots of "p. m.": a sentence may end here.
    minutes = f":{moment.minute:02}" if moment.minute else ""
    return f"{moment.hour % 12 or 12}{minutes} {'pm' if moment.hour >= 12 else 'am'}"


def _listed(names: list[str], lang: str) -> str:
    if len(names) == 1:
        return names[0]
    # Spanish says "e" before the sound of an i: "español e inglés".
    last = "e" if lang == "es" and names[-1].casefold().startswith(("i", "hi")) else AND[lang]
    return f"{', '.join(names[:-1])} {last} {names[-1]}"
