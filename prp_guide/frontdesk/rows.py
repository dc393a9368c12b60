"""Reading callback requests from their tables, and the orders in which they are listed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from prp_guide.database import callback_events, callback_repeats, callbacks, stamp
from prp_guide.frontdesk.callback import CLOSING, DONE, URGENT, Callback, Repeat

MOMENTS = ("created", "due", "closed", "claimed_at", "sleeps_until")

# The last event that took a request off the list, of each that is off it.
_closings = callback_events.alias("closings")
_last_closing = (
    sa.select(sa.func.max(callback_events.c.id))
    .where(callback_events.c.callback == callbacks.c.id, callback_events.c.event.in_(CLOSING))
    .correlate(callbacks)
    .scalar_subquery()
)
SELECT = sa.select(
    *(column for column in callbacks.c if column.name not in ("idempotency_key", "fingerprint")),
    _closings.c.at.label("closed"),
    _closings.c.actor.label("closed_by"),
).select_from(callbacks.outerjoin(_closings, sa.and_(callbacks.c.status == DONE, _closings.c.id == _last_closing)))

BY_CLOSING: tuple[Any, ...] = (_closings.c.id.desc(),)  # last done first


def last_done(condition: Any) -> Any:
    """The ids of the requests that are done and meet `condition`, last done first.

    It walks back through the events and stops as soon as a page is full, however many requests were ever done.
    """
    event, later = callback_events.c, callback_events.alias("later").c
    done = sa.exists().where(sa.and_(callbacks.c.id == event.callback, callbacks.c.status == DONE, condition))
    again = sa.exists().where(sa.and_(later.callback == event.callback, later.event.in_(CLOSING), later.id > event.id))
    return sa.select(event.callback).where(event.event.in_(CLOSING), done, ~again).order_by(event.id.desc())


def by_need(now: datetime) -> tuple[Any, ...]:
    """The order in which to call: urgent, then overdue, then soonest due, then oldest.

    Urgent ones come before those that are overdue: their time is counted in minutes, the others' in days.
    """
    table = callbacks.c
    urgent: Any = sa.case((table.priority == URGENT, 0), else_=1)
    overdue: Any = sa.case((table.due < stamp(now), 0), else_=1)
    undated: Any = sa.case((table.due.is_(None), 1), else_=0)
    return (urgent, overdue, undated, table.due, table.created, table.id)


def read(engine: sa.engine.Engine, query: Any) -> Sequence[Callback]:
    """The requests of `query`, which is made from SELECT, with what joined each."""
    table = callback_repeats.c
    with engine.connect() as connection:
        found = [_callback(row) for row in connection.execute(query).mappings()]
        repeats: dict[int, list[Repeat]] = defaultdict(list)
        # In parts: there is a limit to the values that a statement can name.
        for start in range(0, len(found), 500):
            numbers = [callback.id for callback in found[start : start + 500]]
            again = sa.select(table.callback, table.at, table.best_time, table.note)
            for row in connection.execute(again.where(table.callback.in_(numbers)).order_by(table.id)):
                repeats[row.callback].append(Repeat(datetime.fromisoformat(row.at), row.best_time, row.note))
    return [replace(one, repeats=tuple(repeats[one.id])) if one.id in repeats else one for one in found]


def _callback(row: Mapping[str, Any]) -> Callback:
    moments = {name: datetime.fromisoformat(row[name]) if row[name] else None for name in MOMENTS}
    return Callback(**{**row, **moments})
