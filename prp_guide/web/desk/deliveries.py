"""The deliveries as the inbox shows them: how each receiver does, and what was given up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from prp_guide.frontdesk.attendance import Absence
from prp_guide.frontdesk.letters import HEADLINES
from prp_guide.frontdesk.outbox import DeadLetter, Health
from prp_guide.web.desk.rows import Moment, lowered, make_moment


@dataclass(frozen=True)
class Receiver:
    """How the deliveries to one receiver go, in a line; `well` is False when somebody should look."""

    name: str
    words: str
    well: bool


@dataclass(frozen=True)
class Undelivered:
    """A delivery that was given up."""

    id: str
    target: str
    what: str
    reference: str | None
    finished: Moment
    attempts: int
    error: str


def make_receiver(health: Health, zone: ZoneInfo, now: datetime) -> Receiver:
    """`health` in words, at `now` on the clock of `zone`."""
    parts = []
    if health.waiting:
        parts.append(f"{health.waiting} on the way")
    if health.dead:
        parts.append(f"{health.dead} not delivered")
    if health.last_sent is not None:
        parts.append(f"last delivered {lowered(make_moment(health.last_sent, zone, now).text)}")
    elif not parts:
        parts.append("nothing to deliver yet")
    words = ", ".join(parts) + "."
    if health.error:
        words += f" The last attempt failed: {health.error} It is tried again."
    return Receiver(health.target, words, health.well)


def make_undelivered(letter: DeadLetter, zone: ZoneInfo, now: datetime) -> Undelivered:
    """`letter` in words, at `now` on the clock of `zone`."""
    return Undelivered(
        id=letter.id,
        target=letter.target,
        what=HEADLINES.get(letter.event, letter.event),
        reference=letter.reference,
        finished=make_moment(letter.finished, zone, now),
        attempts=letter.attempts,
        error=letter.error,
    )


def banner(absence: Absence | None, receivers: Sequence[Receiver], zone: ZoneInfo, now: datetime) -> str | None:
    """What to read first when the requests were seen by nobody; None when they were."""
    if absence is None:
        return None
    since = make_moment(absence.begun, zone, now).text
    until = f" until {lowered(make_moment(absence.ended, zone, now).text)}" if absence.ended else ""
    why = "and deliveries do not arrive" if receivers else "and no delivery is set up"
    return (
        f"Nobody looked into this inbox from {lowered(since)}{until}, {why}. "
        "After two working days the chat stopped telling patients by when you call. "
        "Set up a delivery (deliveries in clinic.yml), or look in every working day."
    )
