"""A topic as it is being written: every field may still be wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from prp_guide.content.checks import Finding
from prp_guide.content.models import LANGUAGES, Approval, Text, Topic

Words = dict[str, str]  # by language; "" or missing where there is none

FIELD_WORDS = {
    "kind": "who answers",
    "label": "the question on the button",
    "about": "what a call is about",
    "reply": "the reply",
    "known": "the reply from clinic.yml",
    "facts": "the facts",
    "next": "the next topics",
    "approval": "the approval",
    "approval_es": "the Spanish approval",
}
LANGUAGE_WORDS = {"en": "English", "es": "Spanish"}


@dataclass(frozen=True)
class Draft:
    """What is written in the fields. A topic's approval is no field: it is given, and lost with a change of words."""

    kind: str = "staff"
    label: Words = field(default_factory=dict)
    about: Words = field(default_factory=dict)
    reply: Words = field(default_factory=dict)
    known: tuple[Words, ...] = ()
    facts: tuple[str, ...] = ()
    next: tuple[str, ...] = ()

    @classmethod
    def of(cls, topic: Topic) -> Draft:
        """The fields of `topic`."""
        return cls(
            kind=topic.kind,
            label=_words(topic.label),
            about=_words(topic.about) if topic.about else {},
            reply=_words(topic.reply),
            known=tuple(map(_words, topic.known)),
            facts=topic.facts,
            next=topic.next,
        )

    @classmethod
    def from_dict(cls, raw: Mapping[str, Any]) -> Draft:
        """The draft that `as_dict` wrote down. Line breaks and doubled spaces go, as in a folded text of YAML."""
        return cls(
            kind=str(raw.get("kind", "")),
            label=_clean(raw.get("label")),
            about=_clean(raw.get("about")),
            reply=_clean(raw.get("reply")),
            known=tuple(_clean(words) for words in raw.get("known") or ()),
            facts=tuple(map(str, raw.get("facts") or ())),
            next=tuple(map(str, raw.get("next") or ())),
        )

    def as_dict(self) -> dict[str, Any]:
        """The fields as a topic's file holds them; what is empty is left out."""
        made: dict[str, Any] = {"kind": self.kind, "label": _clean(self.label)}
        if about := _clean(self.about):
            made["about"] = about
        made["reply"] = _clean(self.reply)
        if self.known:
            made["known"] = [_clean(words) for words in self.known]
        return {**made, "facts": list(self.facts), "next": list(self.next)}

    def topic(self, name: str) -> tuple[Topic | None, list[Finding]]:
        """The topic `name` made of this, not approved; or None, and why it is none."""
        try:
            return Topic.parse_obj({"id": name, **self.as_dict()}), []
        except ValidationError as fault:
            return None, [_finding(error) for error in fault.errors()]

    def texts(self, lang: str) -> Any:
        """All that a patient reads in `lang`: what an approval covers."""
        return (
            self.kind,
            self.label.get(lang),
            self.about.get(lang),
            self.reply.get(lang),
            tuple(words.get(lang) for words in self.known),
            self.facts,
        )


def approvals_after(before: Topic | None, draft: Draft) -> dict[str, Approval | None]:
    """The approvals of `before`, by language, without those of words that `draft` changes."""
    if before is None:
        return dict.fromkeys(LANGUAGES)
    old = Draft.of(before)
    return {lang: before.approved(lang) if old.texts(lang) == draft.texts(lang) else None for lang in LANGUAGES}


def place_words(place: str) -> str:
    """A place such as reply.es as a person says it: the reply in Spanish."""
    first, *rest = place.split(".")
    words = FIELD_WORDS.get(first, first)
    return f"{words} in {LANGUAGE_WORDS[rest[-1]]}" if rest and rest[-1] in LANGUAGE_WORDS else words


def _finding(error: Any) -> Finding:
    location = tuple(step for step in error["loc"] if step != "__root__")
    if error["type"] == "value_error.missing" or error["type"].startswith("value_error.any_str.min_length"):
        return Finding(location, "nothing is written here yet", "Write it.")
    if error["type"].startswith("value_error.const"):
        return Finding(location, f"{error['ctx'].get('given')!r} is neither answer nor staff", "Choose one of the two.")
    return Finding(location, str(error["msg"]), "")


def _words(text: Text) -> Words:
    return {lang: text[lang] for lang in text.languages()}


def _clean(words: Any) -> Words:
    if not isinstance(words, Mapping):
        return {}
    said = {lang: " ".join(_printable(str(words.get(lang) or "")).split()) for lang in LANGUAGES}
    return {lang: text for lang, text in said.items() if text}


def _printable(text: str) -> str:
    """`text` without what is not seen, such as marks that turn the direction of writing."""
    return "".join(sign if sign.isprintable() else " " for sign in text)
