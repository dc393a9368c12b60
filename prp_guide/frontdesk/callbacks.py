"""The store of callback requests: written once, merged when they come again, listed in the order in which to call.

Usage:

    request = CallbackRequest.checked(name="Jo", phone="310 555 0147", best_time="after lunch", topic="cost")
    store = CallbackStore.of(database.open_database(home, durable=True), clinic)
    callback = store.create(request, key)
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from prp_guide import clock, metrics
from prp_guide.clinic import Clinic
from prp_guide.database import callback_events, callback_repeats, callbacks, hold, stamp
from prp_guide.delivery_settings import REQUESTS
from prp_guide.errors import CallbackError, CallbackInvalid, KeyReused, TooManyRequests
from prp_guide.frontdesk import outbox
from prp_guide.frontdesk.callback import DONE, OPEN, URGENT, Callback, CallbackRequest, Event, same_name
from prp_guide.frontdesk.hours import OpeningHours
from prp_guide.frontdesk.rows import BY_CLOSING, SELECT, by_need, read
from prp_guide.load_run import limits_off

LONGEST_KEY = 128
MERGE_WITHIN = timedelta(hours=24)
# Of one phone number that wait, within the time in which the same merge; and how often one is kept being asked again.
MOST_OF_A_PHONE, MOST_REPEATS = 5, 50

# Nothing that is mistaken for something else on the phone or in bad handwriting, and no vowels, so no words.
REFERENCE_LETTERS = "2346789BCDFGHJKMPQRTVWXY"


class CallbackStore:
    """The requests of one installation. Give it a durable engine: what `create` returned is on the disk.

    `hours` set the due times; `targets` are the names of those who get new requests (see prp_guide.frontdesk.outbox).
    Of one phone number, so many normal requests as `most_of_a_phone` says may wait.
    Any number of processes may use the same database at once.
    """

    def __init__(
        self,
        engine: sa.engine.Engine,
        hours: OpeningHours,
        targets: Sequence[str] = (),
        most_of_a_phone: int | None = None,
    ) -> None:
        self._engine = engine
        self._most_of_a_phone = most_of_a_phone
        self._hours = hours
        self._targets = tuple(targets)

    @classmethod
    def of(cls, engine: sa.engine.Engine, clinic: Clinic) -> CallbackStore:
        """The store with the hours and the receivers of `clinic`."""
        most = None if limits_off() else MOST_OF_A_PHONE
        return cls(engine, OpeningHours(clinic), clinic.deliveries.names(REQUESTS), most)

    def create(self, request: CallbackRequest, key: str) -> Callback:
        """Store `request`, once for each `key`, in one transaction with its event and its deliveries.

        The same key and request again gives the first row and writes nothing. The same name, phone and topic within
        24 hours merge into the request that is still open. Raises KeyReused when the key came with another request,
        CallbackInvalid when it is empty or longer than 128 characters, TooManyRequests when many requests for the
        number wait; never for an urgent one.
        """
        if not key or len(key) > LONGEST_KEY or not key.isprintable():
            raise CallbackInvalid({"key": f"The idempotency key must have 1 to {LONGEST_KEY} printable characters."})
        with self._engine.begin() as connection:
            # One at a time: nobody stores the same between the looks and the writing.
            hold(connection, "callbacks")
            number, how = _by_key(connection, key, request.fingerprint), "repeated"
            if number is None:
                now = clock.now()
                same = _open_same(connection, request, now)
                if same is None:
                    self._check_number_of(connection, request, now)
                    number, how = self._insert(connection, request, key, now), "new"
                elif request.priority != URGENT and _was_repeated_often(connection, same):
                    number, how = int(same.id), "merged"  # it is there, and that is what the patient hears
                else:
                    number, how = self._merge(connection, same, request, key, now), "merged"
        metrics.count("callbacks", source=request.source, how=how)
        return self._require(callbacks.c.id == number)

    def _check_number_of(self, connection: Any, request: CallbackRequest, now: datetime) -> None:
        if self._most_of_a_phone is None or request.priority == URGENT:
            return
        table = callbacks.c
        waiting = sa.select(sa.func.count()).where(
            table.phone == request.phone, table.status == OPEN, table.created > stamp(now - MERGE_WITHIN)
        )
        if int(connection.execute(waiting).scalar_one()) >= self._most_of_a_phone:
            raise TooManyRequests("Several requests for this phone number wait already.")

    def _insert(self, connection: Any, request: CallbackRequest, key: str, now: datetime) -> int:
        due = self._hours.due(now, request.priority)
        made = connection.execute(
            callbacks.insert().values(
                **asdict(request),
                reference=free_reference(connection),
                created=stamp(now),
                status=OPEN,
                due=stamp(due) if due else None,
                idempotency_key=key,
                fingerprint=request.fingerprint,
            )
        )
        number = int(made.inserted_primary_key[0])
        _record(connection, number, now, actor="patient", event="created", detail=request.source)
        outbox.write(connection, self._targets, outbox.CREATED, now, number)
        return number

    def _merge(self, connection: Any, same: Any, request: CallbackRequest, key: str, now: datetime) -> int:
        number = int(same.id)
        connection.execute(
            callback_repeats.insert().values(
                callback=number,
                at=stamp(now),
                best_time=request.best_time,
                note=request.note,
                source=request.source,
                consent=request.consent,
                idempotency_key=key,
                fingerprint=request.fingerprint,
            )
        )
        # What was said last counts for language and voicemail; the priority only rises, the due time only comes nearer.
        rises = request.priority == URGENT and same.priority != URGENT
        # Whoever asks again is not left to sleep.
        changes: dict[str, Any] = {"lang": request.lang, "sleeps_until": None}
        if request.voicemail_ok is not None:
            changes["voicemail_ok"] = request.voicemail_ok
        if rises:
            due = self._hours.due(now, URGENT)
            dues = [moment for moment in (same.due, stamp(due) if due else None) if moment]
            changes.update(priority=URGENT, due=min(dues, default=None))
        connection.execute(callbacks.update().where(callbacks.c.id == number).values(**changes))
        event = "raised" if rises else "merged"
        _record(connection, number, now, actor="patient", event=event, detail=request.source)
        if rises:
            outbox.write(connection, self._targets, outbox.RAISED, now, number)
        return number

    def list(self, status: str = OPEN, *, now: datetime | None = None) -> Sequence[Callback]:
        """The requests with `status`, in the order in which to work: see prp_guide.frontdesk.queue."""
        order = BY_CLOSING if status == DONE else by_need(now or clock.now())
        return read(self._engine, SELECT.where(callbacks.c.status == status).order_by(*order))

    def every(self) -> Sequence[Callback]:
        """All requests, oldest first."""
        return read(self._engine, SELECT.order_by(callbacks.c.created, callbacks.c.id))

    def find(self, reference: str) -> Callback | None:
        """The request with `reference`, or None."""
        return self._one(callbacks.c.reference == reference)

    def get(self, number: int) -> Callback | None:
        """The request with the id `number`, or None."""
        return self._one(callbacks.c.id == number)

    def with_phones(self, phones: Iterable[str]) -> Sequence[Callback]:
        """The open requests of these numbers, oldest first: one call may answer several."""
        table = callbacks.c
        query = SELECT.where(table.status == OPEN, table.phone.in_(sorted(set(phones))))
        return read(self._engine, query.order_by(table.created, table.id))

    def history(self, reference: str) -> Sequence[Event]:
        """What happened to the request with `reference`, in order."""
        events = callback_events.c
        query = (
            sa.select(events.at, events.actor, events.event, events.detail)
            .join(callbacks, callbacks.c.id == events.callback)
            .where(callbacks.c.reference == reference)
            .order_by(events.id)
        )
        with self._engine.connect() as connection:
            return [
                Event(datetime.fromisoformat(row.at), row.actor, row.event, row.detail)
                for row in connection.execute(query)
            ]

    def _one(self, condition: Any) -> Callback | None:
        found = read(self._engine, SELECT.where(condition))
        return found[0] if found else None

    def _require(self, condition: Any) -> Callback:
        found = self._one(condition)
        if found is None:
            raise CallbackError("The request was removed while it was being stored.")
        return found


def _record(connection: Any, callback: int, at: datetime, *, actor: str, event: str, detail: str | None = None) -> None:
    connection.execute(
        callback_events.insert().values(callback=callback, at=stamp(at), actor=actor, event=event, detail=detail)
    )


def _by_key(connection: Any, key: str, fingerprint: str) -> int | None:
    """The request that `key` made or merged into, None for a new key. Raises KeyReused."""
    for table, number in ((callbacks.c, callbacks.c.id), (callback_repeats.c, callback_repeats.c.callback)):
        query = sa.select(number.label("number"), table.fingerprint).where(table.idempotency_key == key)
        earlier = connection.execute(query).one_or_none()
        if earlier is not None:
            if not secrets.compare_digest(earlier.fingerprint, fingerprint):
                raise KeyReused("This idempotency key came before with another request; send a new one.")
            return int(earlier.number)
    return None


def _open_same(connection: Any, request: CallbackRequest, now: datetime) -> Any:
    """The open request of the last 24 hours with the same name, phone and topic, or None."""
    table = callbacks.c
    query = (
        sa.select(table.id, table.name, table.priority, table.due)
        .where(
            table.phone == request.phone,
            table.topic.is_(None) if request.topic is None else table.topic == request.topic,
            table.status == OPEN,
            table.created > stamp(now - MERGE_WITHIN),
        )
        .order_by(table.id.desc())
        # Nobody marks it done before the merging is written.
        .with_for_update()
    )
    return next((row for row in connection.execute(query) if same_name(row.name, request.name)), None)


def _was_repeated_often(connection: Any, same: Any) -> bool:
    repeats = sa.select(sa.func.count()).where(callback_repeats.c.callback == same.id)
    return int(connection.execute(repeats).scalar_one()) >= MOST_REPEATS


def free_reference(connection: Any) -> str:
    """A reference that no request has. Raises CallbackError."""
    for attempt in range(20):
        reference = _new_reference(4 + attempt // 5)
        taken = sa.select(callbacks.c.id).where(callbacks.c.reference == reference)
        if connection.execute(taken).one_or_none() is None:
            return reference
    raise CallbackError("No free reference was found for the request; nothing was stored.")


def _new_reference(length: int) -> str:
    return "PRP-" + "".join(secrets.choice(REFERENCE_LETTERS) for _ in range(length))
