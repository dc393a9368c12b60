"""Callback requests, and how long patients waited for the first call."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import sqlalchemy as sa

from prp_guide.database import callback_events, callbacks, stamp
from prp_guide.frontdesk.outcomes import OUTCOMES
from prp_guide.insight.span import Span

# Up to how long, in words, until the first call.
WAITS: tuple[tuple[str, timedelta], ...] = (
    ("within 30 minutes", timedelta(minutes=30)),
    ("within 2 hours", timedelta(hours=2)),
    ("within 8 hours", timedelta(hours=8)),
    ("within a day", timedelta(days=1)),
    ("within 2 days", timedelta(days=2)),
)
LATER, NOT_YET, CLOSED = "later", "not called yet", "closed without a call"


@dataclass(frozen=True)
class Request:
    """A request as the figures need it: nothing of the patient's."""

    day: date
    urgent: bool
    waited: timedelta | None  # until the first call; None where there was none
    in_time: bool | None  # None where nothing was due, or the time is not over
    closed: bool

    @property
    def wait(self) -> str:
        """How long it waited, as one of the words of the chart."""
        if self.waited is None:
            return CLOSED if self.closed else NOT_YET
        return next((words for words, most in WAITS if self.waited <= most), LATER)


@dataclass(frozen=True)
class Calls:
    """All requests of a span; `sample` if one is of the demo's."""

    requests: tuple[Request, ...]
    sample: bool

    @property
    def called(self) -> int:
        return sum(one.waited is not None for one in self.requests)

    @property
    def urgent(self) -> int:
        return sum(one.urgent for one in self.requests)

    def median(self, *, urgent: bool | None = None) -> timedelta | None:
        """How long half of those called waited at most; None when nobody was called."""
        waits = sorted(one.waited for one in self.requests if one.waited is not None and urgent in (None, one.urgent))
        return waits[(len(waits) - 1) // 2] if waits else None

    @property
    def in_time(self) -> tuple[int, int]:
        """How many first calls were in time, of how many of which that can be said."""
        known = [one.in_time for one in self.requests if one.in_time is not None]
        return sum(known), len(known)

    def waits(self) -> Sequence[tuple[str, int]]:
        """How many waited how long, shortest first."""
        found = [one.wait for one in self.requests]
        names = [*(words for words, _ in WAITS), LATER, NOT_YET, CLOSED]
        return [(name, found.count(name)) for name in names]


def read_calls(engine: sa.engine.Engine, span: Span, now: datetime) -> Calls:
    """The requests that were made in `span`, as they stand at `now`."""
    table, events = callbacks.c, callback_events.c
    within = sa.and_(table.created >= stamp(span.since), table.created < stamp(span.until))
    first = (
        sa.select(events.callback, sa.func.min(events.at).label("at"))
        .where(events.event.in_(sorted(OUTCOMES)))
        .group_by(events.callback)
        .subquery()
    )
    query = (
        sa.select(table.created, table.priority, table.due, table.status, table.sample, first.c.at)
        .select_from(callbacks.outerjoin(first, first.c.callback == table.id))
        .where(within)
    )
    with engine.connect() as connection:
        rows = connection.execute(query).all()
    requests = []
    for row in rows:
        created, called = datetime.fromisoformat(row.created), row.at and datetime.fromisoformat(row.at)
        due = row.due and datetime.fromisoformat(row.due)
        in_time = None
        if due and (called or now > due) and not (row.status == "done" and not called):
            in_time = bool(called and called <= due)
        requests.append(
            Request(
                day=span.day_of(created),
                urgent=row.priority == "urgent",
                waited=max(called - created, timedelta()) if called else None,
                in_time=in_time,
                closed=row.status == "done",
            )
        )
    return Calls(tuple(requests), any(row.sample for row in rows))
