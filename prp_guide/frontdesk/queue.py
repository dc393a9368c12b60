"""The queue: which requests wait, which sleep, which are done, and which one to call next."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from prp_guide import clock
from prp_guide.database import callback_events, callback_repeats, callbacks, stamp
from prp_guide.errors import DeskError
from prp_guide.frontdesk.callback import CLAIM_HOLDS, DONE, OPEN, URGENT, Callback
from prp_guide.frontdesk.rows import BY_CLOSING, SELECT, by_need, last_done, read
from prp_guide.frontdesk.work import Work

WAITING, LATER = "open", "later"
TABS = (WAITING, LATER, DONE)
LONGEST_SEARCH = 80
MOST_COUNTED = 10_000  # nobody turns so many pages, and counting on takes longer with every request ever done


@dataclass(frozen=True)
class Wanted:
    """What to list. A search goes through all tabs; the other fields narrow down what it finds, or the tab."""

    tab: str = WAITING
    search: str = ""
    mine: bool = False  # only what `user` works on
    user: str = ""
    urgent: bool = False
    overdue: bool = False
    lang: str = ""
    topic: str = ""

    @property
    def narrowed(self) -> bool:
        return bool(self.search or self.mine or self.urgent or self.overdue or self.lang or self.topic)


@dataclass(frozen=True)
class Counts:
    """How many requests wait, how many of them past their time or urgent, how many sleep and how many are done.

    No more than MOST_COUNTED of those done are counted.
    `newest` is the number of the last request; `unread` counts those that wait and came after the one asked about.
    """

    open: int
    overdue: int
    urgent: int
    later: int
    done: int
    newest: int = 0
    unread: int = 0


class Queue:
    """The requests of one installation in the order in which to work."""

    def __init__(self, engine: sa.engine.Engine) -> None:
        self._engine = engine

    def counts(self, after: int | None = None) -> Counts:
        """All counts, now; those unread are the ones after the number `after`."""
        table, now = callbacks.c, clock.now()
        waits = _waits(now)
        conditions = (
            waits,
            sa.and_(waits, table.due < stamp(now)),
            sa.and_(waits, table.priority == URGENT),
            _sleeps(now),
        )
        sums = [sa.func.coalesce(sa.func.sum(sa.case((condition, 1), else_=0)), 0) for condition in conditions]
        # Few are open, however many are done: those are looked at one by one, these counted in the index alone.
        still_open = sa.select(*sums).where(table.status == OPEN)
        done_ones = _count(table.status == DONE)
        last = sa.select(sa.func.coalesce(sa.func.max(table.id), 0))
        with self._engine.connect() as connection:
            waiting, overdue, urgent, later = (int(number) for number in connection.execute(still_open).one())
            done, newest = (int(connection.execute(query).scalar_one()) for query in (done_ones, last))
            unread = 0
            if after is not None and after < newest:
                new = sa.select(sa.func.count()).where(waits, table.id > after)
                unread = int(connection.execute(new).scalar_one())
        return Counts(waiting, overdue, urgent, later, done, newest, unread)

    def list(self, wanted: Wanted, *, limit: int, offset: int = 0) -> tuple[Sequence[Callback], int]:
        """A page of what is `wanted`, and how much there is of it in all, MOST_COUNTED at most."""
        now = clock.now()
        condition = sa.and_(*_conditions(wanted, now))
        if wanted.search:
            order: tuple[Any, ...] = (
                sa.case((callbacks.c.status == OPEN, 0), else_=1),
                callbacks.c.created.desc(),
                callbacks.c.id.desc(),
            )
        elif wanted.tab == DONE:
            order = BY_CLOSING
        elif wanted.tab == LATER:
            order = (callbacks.c.sleeps_until, callbacks.c.id)
        else:
            order = by_need(now)
        page = SELECT.where(condition).order_by(*order).limit(limit).offset(offset)
        with self._engine.connect() as connection:
            total = int(connection.execute(_count(condition)).scalar_one())
            if order is BY_CLOSING:
                numbers = connection.execute(last_done(condition).limit(limit).offset(offset)).scalars().all()
                page = SELECT.where(callbacks.c.id.in_(numbers)).order_by(*order)
        return read(self._engine, page), total

    def topics(self) -> Sequence[str]:
        """The topics of the requests that are not done."""
        topic = callbacks.c.topic
        query = sa.select(topic).where(callbacks.c.status == OPEN, topic.is_not(None)).distinct().order_by(topic)
        with self._engine.connect() as connection:
            return list(connection.execute(query).scalars())

    def held(self, user: str) -> Sequence[Callback]:
        """The requests that `user` works on, longest first."""
        now, table = clock.now(), callbacks.c
        query = SELECT.where(
            _waits(now), table.claimed_by == user, table.claimed_at > stamp(now - CLAIM_HOLDS)
        ).order_by(table.claimed_at, table.id)
        return read(self._engine, query)

    def next_for(self, user: str, work: Work) -> Callback | None:
        """The next one for `user` to call, which is theirs then: what they work on already, else the first free one.

        None when everything is done, asleep or with somebody else.
        """
        mine = self.held(user)
        if mine:
            return mine[0]
        for _ in range(20):  # somebody else may be quicker; then the following one
            now = clock.now()
            query = SELECT.where(_waits(now), _free(now)).order_by(*by_need(now)).limit(1)
            found = read(self._engine, query)
            if not found:
                return None
            try:
                work.claim(found[0].reference, user)
            except DeskError:  # taken or done in between
                continue
            return found[0]
        return None

    def pulse(self) -> tuple[int, ...]:
        """Numbers that change when the queue does, by somebody's doing or because a time has come."""
        counts = self.counts()
        with self._engine.connect() as connection:
            last = connection.execute(sa.select(sa.func.max(callback_events.c.id))).scalar()
        return (int(last or 0), counts.open, counts.overdue, counts.urgent)


def _count(condition: Any) -> Any:
    some = sa.select(callbacks.c.id).where(condition).limit(MOST_COUNTED).subquery()
    return sa.select(sa.func.count()).select_from(some)


def _waits(now: datetime) -> Any:
    table = callbacks.c
    return sa.and_(table.status == OPEN, sa.or_(table.sleeps_until.is_(None), table.sleeps_until <= stamp(now)))


def _sleeps(now: datetime) -> Any:
    return sa.and_(callbacks.c.status == OPEN, callbacks.c.sleeps_until > stamp(now))


def _free(now: datetime) -> Any:
    table = callbacks.c
    return sa.or_(table.claimed_by.is_(None), table.claimed_at <= stamp(now - CLAIM_HOLDS))


def _conditions(wanted: Wanted, now: datetime) -> list[Any]:
    table = callbacks.c
    if wanted.search:
        conditions = [_matches(wanted.search)]
    else:
        conditions = [{LATER: _sleeps(now), DONE: table.status == DONE}.get(wanted.tab, _waits(now))]
    if wanted.mine:
        conditions.append(sa.and_(table.claimed_by == wanted.user, sa.not_(_free(now))))
    if wanted.urgent:
        conditions.append(table.priority == URGENT)
    if wanted.overdue:
        conditions.append(sa.and_(table.status == OPEN, table.due < stamp(now)))
    if wanted.lang:
        conditions.append(table.lang == wanted.lang)
    if wanted.topic:
        conditions.append(table.topic == wanted.topic)
    return conditions


def _matches(search: str) -> Any:
    """Whether a name, reference, number, wish or note holds all words of `search`."""
    table, events, repeats = callbacks.c, callback_events.c, callback_repeats.c
    digits = re.sub(r"\D", "", search)
    if len(digits) >= 3 and re.fullmatch(r"[\d\s()+./-]+", search):
        return table.phone.like(f"%{digits[-10:]}%")
    conditions = []
    for word in search[:LONGEST_SEARCH].lower().split()[:6]:
        like = "%" + re.sub(r"([%_\\])", r"\\\1", word) + "%"

        def holds(column: Any, pattern: str = like) -> Any:
            return sa.func.lower(column).like(pattern, escape="\\")

        again = sa.or_(holds(repeats.note), holds(repeats.best_time))
        said_again = sa.exists().where(sa.and_(repeats.callback == table.id, again))
        noted = sa.exists().where(sa.and_(events.callback == table.id, events.event == "noted", holds(events.detail)))
        places = (table.name, table.reference, table.note, table.best_time)
        conditions.append(sa.or_(*(holds(place) for place in places), said_again, noted))
    return sa.and_(*conditions)
