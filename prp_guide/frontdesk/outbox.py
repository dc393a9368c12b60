"""The outbox: what goes to whom besides the inbox. A delivery is written in the transaction of what it tells of.

    waiting ──claim──▶ waiting, held ──sent──▶ sent
       ▲                    │
       └──── failed ────────┴──after 24 hours──▶ dead ──again──▶ waiting

One worker holds a delivery for the length of a lease; who dies holding it loses it to another when the lease ends.
So a receiver may get the same delivery twice, with the same id, and never none.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from prp_guide import clock
from prp_guide.database import callback_events, callbacks, deliveries, stamp

# Events: those of a request, and those of none.
CREATED, RAISED, WAITING = "created", "raised", "waiting"
UNATTENDED, PAGE, WEEK, HEAD, TEST = "unattended", "page", "week", "log_head", "test"
PENDING, SENT, DEAD = "waiting", "sent", "dead"  # states

KEEP_TRYING = timedelta(hours=24)
FIRST_DELAY, LONGEST_DELAY = timedelta(seconds=5), timedelta(hours=1)
LEASE = timedelta(seconds=30)  # twice as long as an attempt may take: see prp_guide.frontdesk.wire
# What is set for later than this was set by a clock that was wrong: it is due at once, not when that time comes.
SANE_WAIT, SANE_LEASE = LONGEST_DELAY + timedelta(minutes=5), 2 * LEASE
LONGEST_ERROR = 300
_random = secrets.SystemRandom()


@dataclass(frozen=True)
class Held:
    """A delivery that a worker may send until its lease ends."""

    id: str
    callback: int | None
    event: str
    target: str
    attempts: int  # this one included
    created: datetime
    give_up: datetime
    holder: str


@dataclass(frozen=True)
class DeadLetter:
    """A delivery that was given up; `reference` is None where it tells of no request."""

    id: str
    target: str
    event: str
    reference: str | None
    attempts: int
    finished: datetime
    error: str


@dataclass(frozen=True)
class Health:
    """How the deliveries to one receiver go. `error` is the last one of those that wait, None when all is well."""

    target: str
    waiting: int
    dead: int
    last_sent: datetime | None
    last_dead: datetime | None
    error: str | None

    @property
    def well(self) -> bool:
        return not self.dead and self.error is None

    @property
    def arriving(self) -> bool:
        """Whether nothing says that they do not arrive: what was settled last was not given up."""
        return self.last_dead is None or (self.last_sent is not None and self.last_sent > self.last_dead)


def write(
    connection: Any, targets: Iterable[str], event: str, now: datetime, callback: int | None = None
) -> Sequence[str]:
    """A delivery of `event` for each of `targets`, in the transaction of `connection`; returns their ids."""
    rows = [
        {
            "id": secrets.token_hex(16),
            "callback": callback,
            "event": event,
            "target": target,
            "status": PENDING,
            "created": stamp(now),
            "next_attempt": stamp(now),
            "give_up": stamp(now + KEEP_TRYING),
        }
        for target in targets
    ]
    if rows:
        connection.execute(deliveries.insert(), rows)
    return [str(row["id"]) for row in rows]


def delay(attempts: int) -> timedelta:
    """How long to wait after so many attempts: 5 seconds, doubling to an hour, each shortened by up to half.

    The chance keeps a receiver that comes back from being met by all at the same moment.
    """
    whole = min(LONGEST_DELAY, FIRST_DELAY * 2 ** min(attempts - 1, 16))
    return timedelta(seconds=whole.total_seconds() * _random.uniform(0.5, 1.0))


class Outbox:
    """The deliveries of one installation, on a durable engine. Any number of workers may use it at once."""

    def __init__(self, engine: sa.engine.Engine) -> None:
        self._engine = engine

    def claim(self, target: str) -> Held | None:
        """The next delivery to `target` that is due and that nobody holds, held from now on; None if there is none.

        Urgent requests and alerts go first, then what has waited longest.
        """
        table = deliveries.c
        for _ in range(10):  # another worker may take the one found, so look again
            now = clock.now()
            free = sa.and_(
                table.status == PENDING,
                sa.or_(table.next_attempt <= stamp(now), table.next_attempt > stamp(now + SANE_WAIT)),
                sa.or_(
                    table.held_until.is_(None),
                    table.held_until <= stamp(now),
                    table.held_until > stamp(now + SANE_LEASE),
                ),
            )
            pressing: Any = sa.case((sa.or_(table.callback.is_(None), callbacks.c.priority == "urgent"), 0), else_=1)
            query = (
                sa.select(deliveries)
                .select_from(deliveries.outerjoin(callbacks))
                .where(table.target == target, free)
                .order_by(pressing, table.next_attempt, table.id)
                .limit(1)
            )
            with self._engine.connect() as connection:
                row = connection.execute(query).one_or_none()
            if row is None:
                return None
            holder = secrets.token_hex(8)
            with self._engine.begin() as connection:
                taken = connection.execute(
                    deliveries.update()
                    .where(table.id == row.id, free)
                    .values(holder=holder, held_until=stamp(now + LEASE), attempts=table.attempts + 1)
                )
            if taken.rowcount:
                return Held(
                    id=row.id,
                    callback=row.callback,
                    event=row.event,
                    target=row.target,
                    attempts=row.attempts + 1,
                    created=datetime.fromisoformat(row.created),
                    give_up=datetime.fromisoformat(row.give_up),
                    holder=holder,
                )
        return None

    def sent(self, held: Held) -> bool:
        """Note that the delivery arrived. False when its lease had ended and another holds it now."""
        return self._settle(held, status=SENT, finished=stamp(), last_error=None)

    def failed(self, held: Held, error: str) -> bool:
        """Note why it did not arrive, and when to try again: or that nobody will, 24 hours after it was written."""
        now = clock.now()
        error = error[:LONGEST_ERROR]
        if now >= held.give_up:
            return self._settle(held, status=DEAD, finished=stamp(now), last_error=error)
        # The last attempt is made when the time is over, however long the pause would have been.
        following = min(now + delay(held.attempts), held.give_up)
        return self._settle(held, next_attempt=stamp(following), last_error=error)

    def release(self, held: Held) -> bool:
        """Let the delivery go untried: whoever is there takes it at once."""
        return self._settle(held)

    def bury(self, known: Iterable[str]) -> int:
        """Give up what no worker will ever take, its receiver not being among the `known`; returns how many."""
        table = deliveries.c
        error = "clinic.yml names no receiver of this name any more."
        with self._engine.begin() as connection:
            left = connection.execute(
                sa.select(table.id, table.callback, table.target).where(
                    table.status == PENDING, table.target.not_in(sorted(known))
                )
            ).all()
        return sum(
            self._close(
                row, table.status == PENDING, {"status": DEAD, "finished": stamp(), "last_error": error, "holder": None}
            )
            for row in left
        )

    def again(self, delivery: str, actor: str) -> bool:
        """Send a dead letter again, with its old id, for 24 hours more. False when it is not dead (any more)."""
        table = deliveries.c
        now = clock.now()
        with self._engine.begin() as connection:
            # The write comes first: after a read, SQLite refuses to write on a snapshot that has grown old.
            woken = connection.execute(
                deliveries.update()
                .where(table.id == delivery, table.status == DEAD)
                .values(
                    status=PENDING,
                    attempts=0,
                    next_attempt=stamp(now),
                    give_up=stamp(now + KEEP_TRYING),
                    finished=None,
                )
            )
            if woken.rowcount:
                row = connection.execute(sa.select(table.callback, table.target).where(table.id == delivery)).one()
                _note(connection, row, now, actor=actor, event="resent")
        return bool(woken.rowcount)

    def dead(self, limit: int = 50) -> Sequence[DeadLetter]:
        """What was given up, last given up first."""
        table = deliveries.c
        query = (
            sa.select(deliveries, callbacks.c.reference)
            .select_from(deliveries.outerjoin(callbacks))
            .where(table.status == DEAD)
            .order_by(table.finished.desc(), table.id)
            .limit(limit)
        )
        with self._engine.connect() as connection:
            return [
                DeadLetter(
                    id=row.id,
                    target=row.target,
                    event=row.event,
                    reference=row.reference,
                    attempts=row.attempts,
                    finished=datetime.fromisoformat(row.finished),
                    error=row.last_error or "",
                )
                for row in connection.execute(query)
            ]

    def health(self, targets: Iterable[str]) -> Sequence[Health]:
        """How the deliveries to each of `targets` go, in their order."""
        table = deliveries.c
        counts = sa.select(
            table.target, table.status, sa.func.count().label("number"), sa.func.max(table.finished).label("last")
        ).group_by(table.target, table.status)
        troubles = (
            sa.select(table.target, table.last_error)
            .where(table.status == PENDING, table.last_error.is_not(None))
            .order_by(table.next_attempt)
        )
        with self._engine.connect() as connection:
            found = {(row.target, row.status): row for row in connection.execute(counts)}
            errors = {row.target: row.last_error for row in connection.execute(troubles)}
        healths = []
        for target in targets:
            rows: tuple[Any, ...] = tuple(found.get((target, status)) for status in (PENDING, SENT, DEAD))
            waiting, sent, dead = rows
            healths.append(
                Health(
                    target=target,
                    waiting=waiting.number if waiting else 0,
                    dead=dead.number if dead else 0,
                    last_sent=datetime.fromisoformat(sent.last) if sent else None,
                    last_dead=datetime.fromisoformat(dead.last) if dead else None,
                    error=errors.get(target),
                )
            )
        return healths

    def _settle(self, held: Held, **values: Any) -> bool:
        return self._close(held, deliveries.c.holder == held.holder, {**values, "holder": None, "held_until": None})

    def _close(self, row: Any, condition: Any, values: dict[str, Any]) -> bool:
        with self._engine.begin() as connection:
            changed = connection.execute(
                deliveries.update().where(deliveries.c.id == row.id, condition).values(**values)
            )
            if changed.rowcount and values.get("status") == DEAD:
                _note(connection, row, clock.now(), actor="PRP Guide", event="undelivered")
        return bool(changed.rowcount)


def _note(connection: Any, row: Any, at: datetime, *, actor: str, event: str) -> None:
    if row.callback is not None:
        connection.execute(
            callback_events.insert().values(
                callback=row.callback, at=stamp(at), actor=actor, event=event, detail=row.target
            )
        )
