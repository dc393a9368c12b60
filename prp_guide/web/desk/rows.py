"""A callback request as the inbox shows it: every cell in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from prp_guide.frontdesk.callback import DONE, Callback, Event
from prp_guide.frontdesk.outcomes import OUTCOMES
from prp_guide.frontdesk.queue import MOST_COUNTED, Counts
from prp_guide.frontdesk.spoken import day_and_time, stretch
from prp_guide.frontdesk.work import Act

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
    urgent: bool
    done: bool
    outcome: str | None  # of the last call
    known: bool | None
    holder: str | None  # who works on it
    held_for: str | None
    mine: bool
    begun: bool  # there is a note that is not added yet
    sleeps: Moment | None
    waiting: str
    asked: Moment
    due: Moment | None
    closed: Moment | None
    closed_by: str | None


@dataclass(frozen=True)
class Line:
    """A line of a request's history. `words` are what somebody wrote, None for what was done."""

    at: Moment
    who: str
    what: str
    words: str | None


def make_row(
    callback: Callback,
    topics: Mapping[str, Any],
    zone: ZoneInfo,
    now: datetime,
    user: str,
    linked: Sequence[Callback] = (),
    *,
    begun: bool = False,
) -> Row:
    """`callback` as the inbox shows it to `user` at `now`, on the clock of `zone`, with labels from `topics`.

    `linked` are open requests, of which those at the same number are named; `begun` says that `user` has a draft.
    """

    def moment(value: datetime | None) -> Moment | None:
        return None if value is None else make_moment(value, zone, now)

    asked = moment(callback.created)
    assert asked is not None
    holder = callback.holder(now)
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
        marks=tuple(_marks(callback, now)),
        urgent=callback.urgent,
        done=callback.status == DONE,
        outcome=OUTCOMES[callback.outcome].label if callback.outcome in OUTCOMES else None,
        known=callback.known_patient,
        holder=holder,
        held_for=stretch(now - callback.claimed_at) if holder and callback.claimed_at else None,
        mine=holder == user,
        begun=begun,
        sleeps=moment(callback.sleeps_until) if callback.asleep(now) else None,
        waiting=stretch(now - callback.created),
        asked=asked,
        due=moment(callback.due),
        closed=moment(callback.closed),
        closed_by=callback.closed_by,
    )


def make_line(event: Event, zone: ZoneInfo, now: datetime) -> Line:
    """`event` as the history shows it."""
    at = make_moment(event.at, zone, now)
    if event.event == "noted":
        return Line(at, event.actor, "noted", event.detail)
    what = EVENTS.get(event.event, event.event.replace("_", " "))
    if event.event in AGAIN and event.detail:
        again = make_moment(datetime.fromisoformat(event.detail), zone, now).text
        what = f"{what} {lowered(again)}"
    elif event.event == "undone" and event.detail:
        what = f"undid: {EVENTS.get(event.detail, event.detail).removesuffix(AGAIN.get(event.detail, ''))}"
    elif event.event in ("claimed", "taken_over") and event.detail:
        what += f" from {event.detail}"
    elif event.detail:
        what += f" ({SOURCES.get(event.detail, event.detail)})"
    return Line(at, {"patient": "Patient"}.get(event.actor, event.actor), what, None)


# What happened, as the history says it after the name of whoever did it.
EVENTS = {
    "created": "asked for a call",
    "merged": "asked again",
    "raised": "asked again, now urgent",
    "waiting": "told those who get alerts that it waits",
    "undelivered": "gave a delivery up",
    "resent": "sent a delivery again",
    "claimed": "took it",
    "taken_over": "took it over",
    "released": "put it back",
    "slept": "set it for later: after",
    "reached": "reached the patient",
    "booked": "booked a visit",
    "no_answer": "got no answer; again after",
    "voicemail": "left a voicemail; again after",
    "wrong_number": "found the number wrong",
    "done": "marked it done",
    "reopened": "reopened it",
    "known": "noted what patient it is",
}
AGAIN = {"slept": ": after", "no_answer": "; again after", "voicemail": "; again after"}
SOURCES = {"chat": "in the chat", "form": "by the form", "existing": "existing patient", "new": "new patient"}
# The same for whoever has just done it.
DONE_NOW = {
    "reached": "reached, off the list",
    "booked": "booked, off the list",
    "wrong_number": "wrong number, off the list",
    "done": "marked done",
    "no_answer": "no answer, again after",
    "voicemail": "voicemail left, again after",
    "slept": "for later, after",
    "released": "back on the list",
    "reopened": "back on the list",
}


def done_now(act: Act, zone: ZoneInfo, now: datetime) -> str:
    """What somebody has just done, after the patient's name: no answer, again after today, 3 pm."""
    words = DONE_NOW.get(act.event, act.event)
    if act.event in AGAIN and act.detail:
        words += f" {lowered(make_moment(datetime.fromisoformat(act.detail), zone, now).text)}"
    return f"{words}."


def make_moment(value: datetime, zone: ZoneInfo, now: datetime) -> Moment:
    """`value` as the inbox shows it at `now`, on the clock of `zone`."""
    return Moment(day_and_time(value.astimezone(zone), now.astimezone(zone)), value.isoformat(timespec="seconds"))


def lowered(text: str) -> str:
    """A moment's words inside a sentence: today, 5 pm."""
    return text[0].lower() + text[1:] if text.startswith(("Today", "Yesterday", "Tomorrow")) else text


def topic_label(topic: str | None, topics: Mapping[str, Any]) -> str | None:
    """The topic's English label, or its id in words where it has none: Book appointment."""
    if topic is None:
        return None
    known = topics.get(topic)
    return known.label["en"] if known is not None else topic.replace("_", " ").capitalize()


def counted(number: int) -> str:
    """A count, in words where it went no further: "10,000+"."""
    return f"{number:,}{'+' if number >= MOST_COUNTED else ''}"


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


def _marks(callback: Callback, now: datetime) -> list[tuple[str, str]]:
    marks = []
    if callback.urgent and callback.status != DONE:
        marks.append(("urgent", "Urgent"))
    if callback.due is not None and callback.overdue(now):
        marks.append(("overdue", f"Overdue by {stretch(now - callback.due)}"))
    if callback.attempts and callback.status != DONE:
        tried = f"{callback.attempts} calls tried" if callback.attempts > 1 else "1 call tried"
        marks.append(("tried", tried))
    if callback.sample:
        marks.append(("sample", "Sample"))
    return marks
