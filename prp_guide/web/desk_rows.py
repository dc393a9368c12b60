"""A callback request as the inbox shows it: every cell in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from prp_guide.frontdesk.callback import Callback, Counts
from prp_guide.frontdesk.spoken import day_and_time, stretch

LANGUAGES = {"en": "English", "es": "Spanish"}
VOICEMAIL = {True: "Voicemail is fine", False: "No voicemail", None: None}


@dataclass(frozen=True)
class Moment:
    """A time in words, and as `<time datetime>` has it."""

    text: str
    iso: str


@dataclass(frozen=True)
class Row:
    """One request. `marks` are its states in words, most pressing first; None stands for nothing to say."""

    id: int
    reference: str
    name: str
    phone: str
    href: str
    topic: str | None
    best_times: tuple[str, ...]
    notes: tuple[str, ...]
    again: Moment | None  # when the same was asked for the last time
    linked: tuple[tuple[str, str], ...]  # (name, reference): others who are waiting at the same number
    language: str
    spanish: bool
    voicemail: str | None
    marks: tuple[tuple[str, str], ...]  # (kind, words)
    waiting: str
    asked: Moment
    due: Moment | None
    closed: Moment | None
    closed_by: str | None


def make_row(
    callback: Callback, topics: Mapping[str, Any], zone: ZoneInfo, now: datetime, linked: Sequence[Callback] = ()
) -> Row:
    """`callback` as the inbox shows it at `now`, on the clock of `zone`, with labels from `topics`.

    `linked` are open requests, of which those at the same number are named.
    """

    def moment(value: datetime | None) -> Moment | None:
        return None if value is None else make_moment(value, zone, now)

    marks = []
    if callback.due is not None and callback.overdue(now):
        marks.append(("overdue", f"Overdue by {stretch(now - callback.due)}"))
    if callback.urgent:
        marks.append(("urgent", "Urgent"))
    asked = moment(callback.created)
    assert asked is not None
    return Row(
        id=callback.id,
        reference=callback.reference,
        name=callback.name,
        phone=callback.phone_text,
        href=f"tel:{callback.phone}",
        topic=topic_label(callback.topic, topics),
        best_times=callback.best_times,
        notes=callback.notes,
        again=moment(callback.repeats[-1].at) if callback.repeats else None,
        linked=tuple(
            (other.name, other.reference)
            for other in linked
            if other.phone == callback.phone and other.id != callback.id
        ),
        language=LANGUAGES.get(callback.lang, callback.lang),
        spanish=callback.lang == "es",
        voicemail=VOICEMAIL[callback.voicemail_ok],
        marks=tuple(marks),
        waiting=stretch(now - callback.created),
        asked=asked,
        due=moment(callback.due),
        closed=moment(callback.closed),
        closed_by=callback.closed_by,
    )


def make_moment(value: datetime, zone: ZoneInfo, now: datetime) -> Moment:
    """`value` as the inbox shows it at `now`, on the clock of `zone`."""
    return Moment(day_and_time(value.astimezone(zone), now.astimezone(zone)), value.isoformat(timespec="seconds"))


def topic_label(topic: str | None, topics: Mapping[str, Any]) -> str | None:
    """The topic's English label, or its id in words where it has none: Book appointment."""
    if topic is None:
        return None
    known = topics.get(topic)
    return known.label["en"] if known is not None else topic.replace("_", " ").capitalize()


def headline(counts: Counts) -> str:
    """What waits, in one line: 3 to call now, 1 overdue."""
    if not counts.open:
        return "No one is waiting."
    parts = [f"{counts.open} to call now"]
    if counts.overdue:
        parts.append(f"{counts.overdue} overdue")
    if counts.urgent:
        parts.append(f"{counts.urgent} urgent")
    return ", ".join(parts)
