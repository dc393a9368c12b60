"""The fields of a callback request: cleaned, checked, and refused with a sentence that says what to enter.

Card and social-security numbers are taken out of all of them: nobody needs them to call back.

A check takes what came in, of any type, and the language; it returns the value to keep or raises ValueError
with the sentence.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from typing import Any

import phonenumbers

from prp_guide.clinic import parse_phone
from prp_guide.privacy.redaction import redact_secrets

NAME_LENGTH, BEST_TIME_LENGTH, NOTE_LENGTH = 80, 200, 500
LANGUAGES = ("en", "es")
PRIORITIES = ("urgent", "normal")
SOURCES = ("chat", "form")

SENTENCES: dict[str, dict[str, str]] = {
    "name_missing": {"en": "Please write your name.", "es": "Por favor, escriba su nombre."},
    "name_letters": {
        "en": "Please write your name in letters.",
        "es": "Por favor, escriba su nombre con letras.",
    },
    "name_long": {
        "en": f"Please shorten your name to {NAME_LENGTH} characters.",
        "es": f"Por favor, acorte su nombre a {NAME_LENGTH} caracteres.",
    },
    "phone": {
        "en": "Please write a phone number with its area code, such as (310) 555-0147.",
        "es": "Por favor, escriba un número de teléfono con el código de área, como (310) 555-0147.",
    },
    "best_time_missing": {
        "en": "Please say when we should call you, such as weekday mornings.",
        "es": "Por favor, diga cuándo debemos llamarle, por ejemplo entre semana por la mañana.",
    },
    "best_time_long": {
        "en": f"Please say when we should call you in {BEST_TIME_LENGTH} characters or fewer.",
        "es": f"Por favor, diga cuándo debemos llamarle en {BEST_TIME_LENGTH} caracteres o menos.",
    },
    "note_text": {"en": "Please write your note as text.", "es": "Por favor, escriba su nota como texto."},
    "note_long": {
        "en": f"Please shorten your note to {NOTE_LENGTH} characters.",
        "es": f"Por favor, acorte su nota a {NOTE_LENGTH} caracteres.",
    },
    "topic": {
        "en": "The topic must be one that the chat knows.",
        "es": "El tema debe ser uno que el chat conozca.",
    },
    "voicemail_ok": {
        "en": "Say true, false or nothing about voicemail.",
        "es": "Indique true, false o nada sobre el mensaje de voz.",
    },
    "lang": {"en": "The language must be en or es.", "es": "El idioma debe ser en o es."},
    "priority": {
        "en": "The priority must be urgent or normal.",
        "es": "La prioridad debe ser urgent o normal.",
    },
    "source": {"en": "The source must be chat or form.", "es": "El origen debe ser chat o form."},
    "unknown": {"en": "This field is not known here.", "es": "Este campo no se conoce aquí."},
}


def name(value: Any, lang: str = "en") -> str:
    """A name of 1 to 80 characters with a letter in it."""
    text = redact_secrets(line(value))
    if not text:
        raise _refusal("name_missing", lang)
    if not any(character.isalpha() for character in text):
        raise _refusal("name_letters", lang)
    if len(text) > NAME_LENGTH:
        raise _refusal("name_long", lang)
    return text


def phone(value: Any, lang: str = "en") -> str:
    """A number as E.164, of the United States when it names no country; its extension is left out."""
    text = line(value)
    try:
        number = parse_phone(text[:60])
    except ValueError:
        raise _refusal("phone", lang) from None
    # Only the form of the plan is asked: lists of area codes in use are older than the newest phone.
    if number.startswith("+1") and not re.fullmatch(r"\+1[2-9]\d\d[2-9]\d{6}", number):
        raise _refusal("phone", lang)
    return number


def extension(value: Any) -> str | None:
    """The extension in a phone number that `phone` took, or None."""
    try:
        found = phonenumbers.parse(line(value)[:60], "US").extension
    except phonenumbers.NumberParseException:
        return None
    return str(found) if found else None


def best_time(value: Any, lang: str = "en") -> str:
    """When to call, in the patient's words: 1 to 200 characters."""
    text = redact_secrets(line(value))
    if not any(character.isalnum() for character in text):
        raise _refusal("best_time_missing", lang)
    if len(text) > BEST_TIME_LENGTH:
        raise _refusal("best_time_long", lang)
    return text


def note(value: Any, lang: str = "en") -> str | None:
    """An optional note of at most 500 characters; its line breaks stay."""
    if value is not None and not isinstance(value, str):
        raise _refusal("note_text", lang)
    text = redact_secrets("\n".join(line(part) for part in re.split(r"\r\n|\r|\n", value or "")).strip())
    if len(text) > NOTE_LENGTH:
        raise _refusal("note_long", lang)
    return text or None


def topic(value: Any, lang: str = "en") -> str | None:
    """A topic's id, or None."""
    if value is None or value == "":
        return None
    if not isinstance(value, str) or not re.fullmatch(r"[a-z][a-z_]{0,39}", value):
        raise _refusal("topic", lang)
    return value


def voicemail_ok(value: Any, lang: str = "en") -> bool | None:
    """Whether a voicemail is fine: yes, no, or not asked."""
    if value is None or isinstance(value, bool):
        return value
    raise _refusal("voicemail_ok", lang)


def _one_of(field: str, choices: tuple[str, ...]) -> Callable[[Any, str], str]:
    def check(value: Any, lang: str = "en") -> str:
        if not isinstance(value, str) or value not in choices:
            raise _refusal(field, lang)
        return value

    return check


CHECKS: Mapping[str, Callable[[Any, str], Any]] = {
    "name": name,
    "phone": phone,
    "best_time": best_time,
    "topic": topic,
    "note": note,
    "lang": _one_of("lang", LANGUAGES),
    "voicemail_ok": voicemail_ok,
    "priority": _one_of("priority", PRIORITIES),
    "source": _one_of("source", SOURCES),
}


def line(value: Any) -> str:
    """`value` as one clean line, without control, direction and lone surrogate characters; no text: ''."""
    if not isinstance(value, str):
        return ""
    text = unicodedata.normalize("NFC", re.sub(r"\s+", " ", value))
    return "".join(character for character in text if _kept(character)).strip()


def sentence(which: str, lang: str = "en") -> str:
    """The sentence `which` in `lang`, English where that is not known."""
    return SENTENCES[which].get(lang, SENTENCES[which]["en"])


def _kept(character: str) -> bool:
    # Joiners are letters' business in some scripts; the other format characters can turn a line around.
    return character in "\u200c\u200d" or unicodedata.category(character) not in ("Cc", "Cf", "Cs")


def _refusal(which: str, lang: str) -> ValueError:
    return ValueError(sentence(which, lang))
