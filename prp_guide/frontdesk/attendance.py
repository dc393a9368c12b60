"""Is anybody there? Whether requests are seen by someone, and what is said when they are not.

A request that nobody sees must not carry a promise. Nobody sees them when the inbox was not opened for two working
days and no receiver gets them: then the chat names no time any more, the owner is alerted, and whoever opens the inbox
reads how long it was closed.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from prp_guide import clock
from prp_guide.clinic import Clinic
from prp_guide.database import callback_events, callbacks, desk_moments, hold, put, stamp
from prp_guide.delivery_settings import ALERTS, REQUESTS
from prp_guide.frontdesk import outbox
from prp_guide.frontdesk.callback import OPEN, URGENT
from prp_guide.frontdesk.hours import OpeningHours
from prp_guide.frontdesk.outbox import Outbox

WORKING_DAYS = 2
URGENT_WAITS = timedelta(minutes=30)
SEEN_EVERY = timedelta(minutes=1)
BANNER_STAYS = timedelta(hours=24)

# Moments in the table desk_moments.
BEGUN, SEEN, TOLD, ABSENT, RETURNED = "begun", "seen", "told", "absent", "returned"

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Absence:
    """Nobody looked into the inbox from `begun` to `ended`; None while it lasts."""

    begun: datetime
    ended: datetime | None


class Attendance:
    """Who looks after the requests of one installation: people at the inbox, receivers of deliveries."""

    def __init__(self, engine: sa.engine.Engine, clinic: Clinic) -> None:
        self._engine = engine
        self._hours = OpeningHours(clinic)
        self._requests = clinic.deliveries.names(REQUESTS)
        self._alerts = clinic.deliveries.names(ALERTS)

    def begin(self) -> None:
        """Remember that the installation has begun: before that, nobody can have been absent."""
        with self._engine.begin() as connection:
            hold(connection, "attendance")
            if BEGUN not in _moments(connection):
                _remember(connection, BEGUN, clock.now())

    def seen(self) -> None:
        """Somebody uses the inbox now."""
        now = clock.now()
        with self._engine.connect() as connection:
            last = _moments(connection).get(SEEN)
        if last is not None and now - last < SEEN_EVERY:
            return
        with self._engine.begin() as connection:
            hold(connection, "attendance")
            moments = _moments(connection)
            since = self._absent_since(moments, now)
            if since is not None:
                _remember(connection, ABSENT, since)
                _remember(connection, RETURNED, now)
            _remember(connection, SEEN, now)

    @property
    def promised(self) -> bool:
        """Whether the chat may name a time by which somebody calls."""
        return self.absence() is None

    def absence(self) -> Absence | None:
        """The absence that lasts now and that no delivery makes up for; None when requests are seen."""
        with self._engine.connect() as connection:
            since = self._absent_since(_moments(connection), clock.now())
        return None if since is None or self.delivering() else Absence(since, None)

    def banner(self) -> Absence | None:
        """The absence to tell of in the inbox: the last one, for a day after somebody came back."""
        now = clock.now()
        with self._engine.connect() as connection:
            moments = _moments(connection)
        if self.delivering():
            return None
        since = self._absent_since(moments, now)
        if since is not None:
            return Absence(since, None)
        if RETURNED in moments and now - moments[RETURNED] < BANNER_STAYS:
            return Absence(moments[ABSENT], moments[RETURNED])
        return None

    def delivering(self) -> bool:
        """Whether requests reach a receiver: one is set up, and what came last to it was not given up."""
        return any(health.arriving for health in Outbox(self._engine).health(self._requests))

    def alert(self) -> None:
        """Tell those who get alerts of what has waited too long: each urgent request once, each absence once."""
        now = clock.now()
        delivering = self.delivering()
        with self._engine.begin() as connection:
            hold(connection, "attendance")
            if self._alerts:
                for number in _urgent_that_wait(connection, now - URGENT_WAITS):
                    outbox.write(connection, self._alerts, outbox.WAITING, now, number)
                    connection.execute(
                        callback_events.insert().values(
                            callback=number, at=stamp(now), actor="PRP Guide", event="waiting", detail=None
                        )
                    )
            moments = _moments(connection)
            since = self._absent_since(moments, now)
            told = moments.get(TOLD)
            unattended = since is not None and not delivering and (told is None or told < since)
            if unattended:
                outbox.write(connection, self._alerts, outbox.UNATTENDED, now)
                _remember(connection, TOLD, now)
        if unattended:
            log.error("Nobody has opened the inbox for two working days. The chat names no time any more.")

    def _absent_since(self, moments: dict[str, datetime], now: datetime) -> datetime | None:
        known = [moments[name] for name in (BEGUN, SEEN) if name in moments]
        if not known:
            return None
        last = max(known)
        ends = self._hours.end_of_working_days(last, WORKING_DAYS)
        return last if ends is not None and now >= ends else None


def _urgent_that_wait(connection: Any, since: datetime) -> list[int]:
    """The open requests that have been urgent since before `since` and of which nobody was alerted."""
    table, events = callbacks.c, callback_events.c

    def has(event: str, *more: Any) -> Any:
        return sa.exists().where(sa.and_(events.callback == table.id, events.event == event, *more))

    query = sa.select(table.id).where(
        table.status == OPEN,
        table.priority == URGENT,
        table.created <= stamp(since),
        sa.not_(table.sample),
        # One that has become urgent waits from then on.
        sa.not_(has("raised", events.at > stamp(since))),
        sa.not_(has("waiting")),
    )
    return [int(number) for (number,) in connection.execute(query.order_by(table.id))]


def _moments(connection: Any) -> dict[str, datetime]:
    rows = connection.execute(sa.select(desk_moments.c.name, desk_moments.c.at))
    return {row.name: datetime.fromisoformat(row.at) for row in rows}


def _remember(connection: Any, name: str, moment: datetime) -> None:
    put(connection, desk_moments, {"name": name}, {"at": stamp(moment)})
