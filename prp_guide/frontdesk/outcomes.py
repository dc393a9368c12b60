"""How a call ended, as one tap says it, and what follows: off the list, or again later."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from prp_guide.frontdesk.hours import OpeningHours

MANY_ATTEMPTS = 3  # from then on the inbox suggests to leave it at that


@dataclass(frozen=True)
class Outcome:
    """`label` stands on the button, `key` presses it. `again` is the pause until the next call, None when it closes."""

    id: str
    label: str
    key: str
    again: timedelta | None = None
    again_urgent: timedelta | None = None

    @property
    def closes(self) -> bool:
        return self.again is None


OUTCOMES = {
    outcome.id: outcome
    for outcome in (
        Outcome("reached", "Reached", "r"),
        Outcome("booked", "Booked", "b"),
        Outcome("no_answer", "No answer", "a", timedelta(hours=1), timedelta(minutes=10)),
        Outcome("voicemail", "Left voicemail", "v", timedelta(hours=4), timedelta(minutes=30)),
        Outcome("wrong_number", "Wrong number", "w"),
    )
}


def next_call(outcome: Outcome, now: datetime, urgent: bool, hours: OpeningHours) -> datetime | None:
    """When to call again after `outcome`, within opening hours where they are known; None when it closes."""
    pause = outcome.again_urgent if urgent else outcome.again
    if pause is None:
        return None
    moment = now + pause
    return moment if hours.open_at(moment) is not False else hours.next_open(moment) or moment


def due_after(until: datetime, due: datetime | None, urgent: bool) -> datetime | None:
    """By when to call a request that was due by `due` and is not to be called before `until`."""
    if due is None:
        return None
    return max(due, until + (timedelta(minutes=30) if urgent else timedelta(hours=1)))
