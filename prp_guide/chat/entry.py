"""What a patient sends in one turn, checked and cleaned."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from prp_guide.errors import ConversationError

LONGEST = 2000
LANGUAGES = ("en", "es")
UNKNOWN_CHOICE = "choice must be the id of a choice that a message offered."
CHOICE = re.compile(r"(topic|callback|confirm|lang):[a-z_-]{1,40}")
CLIENT_ID = re.compile(r"[\x21-\x7e]{1,64}")
# Marks that turn the direction of writing, and invisible fillers: they can hide words from a screen or a
# reader. Joiners (U+200C, U+200D) stay, emoji and several scripts are written with them.
INVISIBLE = frozenset("\u061c\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff")
BARRED = frozenset(("Cc", "Cs"))  # categories: control characters, halves of characters


class EntryInvalid(ConversationError):
    """`fields` maps each refused field to one sentence that says what to send."""

    def __init__(self, fields: Mapping[str, str]) -> None:
        self.fields = dict(fields)
        super().__init__("; ".join(f"{name}: {sentence}" for name, sentence in self.fields.items()))


@dataclass(frozen=True)
class Entry:
    """One turn of the patient: words or a choice, and the client's id for it."""

    text: str | None = None
    choice: str | None = None
    id: str | None = None

    @classmethod
    def checked(cls, body: Mapping[str, Any]) -> Entry:
        """The entry of a decoded JSON object; keys that we do not know are ignored. Raises EntryInvalid."""
        text, choice, client_id = body.get("text"), body.get("choice"), body.get("id")
        faults = {}
        if (text is None) == (choice is None):
            faults["text"] = "Send either text or choice."
        if text is not None:
            if not isinstance(text, str):
                faults["text"] = "text must be a string."
            elif not 1 <= len(text := clean(text)) <= LONGEST:
                faults["text"] = f"text must have 1 to {LONGEST} characters."
        if choice is not None and not is_choice(choice):
            faults["choice"] = UNKNOWN_CHOICE
        if client_id is not None and not (isinstance(client_id, str) and CLIENT_ID.fullmatch(client_id)):
            faults["id"] = "id must have 1 to 64 visible ASCII characters."
        if faults:
            raise EntryInvalid(faults)
        return cls(text, choice, client_id)


def is_choice(value: object) -> bool:
    """Whether `value` is written like the id of a choice; a language must be one that we speak."""
    if not isinstance(value, str) or not CHOICE.fullmatch(value):
        return False
    kind, _, name = value.partition(":")
    return kind != "lang" or name in LANGUAGES


def clean(text: str) -> str:
    """`text` without control characters, marks of direction, invisible fillers and outer blanks.

    Line breaks of every kind become "\\n", tabs a space.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").replace("\u2029", "\n")
    text = text.replace("\t", " ")
    kept = (
        sign for sign in text if sign == "\n" or (sign not in INVISIBLE and unicodedata.category(sign) not in BARRED)
    )
    return "".join(kept).strip()
