"""Callback requests: checked when they come in, written once, listed in the order in which to call.

Usage:

    request = CallbackRequest.checked(name="Jo", phone="310 555 0147", best_time="after lunch", topic="cost")
    store = CallbackStore(database.open_database(home, durable=True), OpeningHours(clinic))
    callback = store.create(request, key)
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from prp_guide import clock
from prp_guide.clinic import phone_text
from prp_guide.database import callback_events, callbacks, stamp
from prp_guide.errors import CallbackError, CallbackInvalid, KeyReused
from prp_guide.frontdesk import fields
from prp_guide.frontdesk.consent import CONSENT
from prp_guide.frontdesk.hours import OpeningHours

OPEN, DONE = "open", "done"
URGENT, NORMAL = "urgent", "normal"
PUBLIC_FIELDS = ("name", "phone", "best_time", "topic", "note", "lang", "voicemail_ok")
REQUIRED_FIELDS = ("name", "phone", "best_time")
LONGEST_KEY = 128

# Nothing that is mistaken for something else on the phone or in bad handwriting, and no vowels, so no words.
REFERENCE_LETTERS = "2346789BCDFGHJKMPQRTVWXY"


@dataclass(frozen=True)
class CallbackRequest:
    """What a patient asks for. Build it with `checked` or `from_public`; the constructor takes anything."""

    name: str
    phone: str  # E.164
    best_time: str
    topic: str | None = None
    note: str | None = None
    lang: str = "en"
    voicemail_ok: bool | None = None
    priority: str = NORMAL
    source: str = "form"
    consent: str = CONSENT.version

    @classmethod
    def checked(cls, **given: object) -> CallbackRequest:
        """A request of the fields `given`, cleaned. Raises CallbackInvalid, one sentence a field.

        Takes every field but `consent`. What the public sends goes through `from_public`, which lets nobody
        choose a priority.
        """
        lang = _language(given)
        refused = {field: fields.sentence("unknown", lang) for field in given if field not in fields.CHECKS}
        kept: dict[str, Any] = {}
        for field, check in fields.CHECKS.items():
            if field in given or field in REQUIRED_FIELDS:
                try:
                    kept[field] = check(given.get(field), lang)
                except ValueError as fault:
                    refused[field] = str(fault)
        if refused:
            raise CallbackInvalid(refused)
        # The switchboard would not know whom to ring.
        if extension := fields.extension(given["phone"]):
            kept["note"] = "\n".join(filter(None, (f"Extension {extension}.", kept.get("note"))))
        return cls(**kept)

    @classmethod
    def from_public(cls, body: Mapping[str, object]) -> CallbackRequest:
        """A request of the plain form's JSON. Raises CallbackInvalid, for fields that are not public too."""
        hidden = {field: fields.sentence("unknown", _language(body)) for field in body if field not in PUBLIC_FIELDS}
        if hidden:
            raise CallbackInvalid(hidden)
        return cls.checked(**body, source="form")

    @property
    def fingerprint(self) -> str:
        """The same for the same request: what an idempotency key is held against."""
        plain = json.dumps(asdict(self), sort_keys=True, ensure_ascii=True)
        return hashlib.sha256(plain.encode()).hexdigest()


@dataclass(frozen=True)
class Callback:
    """A request that is stored. Times are aware, UTC; `due` is None while the clinic has given no hours."""

    id: int
    reference: str
    created: datetime
    name: str
    phone: str
    best_time: str
    topic: str | None
    note: str | None
    lang: str
    voicemail_ok: bool | None
    priority: str
    status: str
    due: datetime | None
    source: str
    consent: str
    closed: datetime | None = None  # when it was last marked done, by whom; None while it is open
    closed_by: str | None = None

    @property
    def phone_text(self) -> str:
        """The number as people write it: (310) 555-0147."""
        return phone_text(self.phone)

    @property
    def urgent(self) -> bool:
        return self.priority == URGENT

    def overdue(self, now: datetime) -> bool:
        """Whether it waits past its due time at `now`."""
        return self.status == OPEN and self.due is not None and self.due < now


@dataclass(frozen=True)
class Event:
    """One thing that happened to a callback; events are only ever added."""

    at: datetime
    actor: str
    event: str  # created, done, reopened
    detail: str | None


@dataclass(frozen=True)
class Counts:
    """How many requests wait, how many of them past their time or urgent, and how many are done."""

    open: int
    overdue: int
    urgent: int
    done: int


class CallbackStore:
    """The requests of one installation. Give it a durable engine: what `create` returned is on the disk.

    `hours` set the due times. Any number of processes may use the same database at once.
    """

    def __init__(self, engine: sa.engine.Engine, hours: OpeningHours) -> None:
        self._engine = engine
        self._hours = hours

    def create(self, request: CallbackRequest, key: str) -> Callback:
        """Store `request`, once for each `key`, in one transaction with its event.

        The same key and request again gives the first row and writes nothing. Raises KeyReused when the key
        came with another request, CallbackInvalid when it is empty or longer than 128 characters.
        """
        if not key or len(key) > LONGEST_KEY or not key.isprintable():
            raise CallbackInvalid({"key": f"The idempotency key must have 1 to {LONGEST_KEY} printable characters."})
        now = clock.now()
        due = self._hours.due(now, request.priority)
        row = {
            **asdict(request),
            "created": stamp(now),
            "status": OPEN,
            "due": stamp(due) if due else None,
            "idempotency_key": key,
            "fingerprint": request.fingerprint,
        }
        for attempt in range(20):
            # The insert comes first and the look-up only after a refusal: so nobody comes in between the two.
            try:
                with self._engine.begin() as connection:
                    reference = _new_reference(4 + attempt // 5)
                    made = connection.execute(callbacks.insert().values(reference=reference, **row))
                    (number,) = made.inserted_primary_key
                    _record(connection, number, now, actor="patient", event="created", detail=request.source)
                return self._require(reference)
            except IntegrityError:
                earlier = self._by_key(key)
                if earlier is not None:
                    return self._same(earlier, request)
        raise CallbackError("No free reference was found for the request; nothing was stored.")

    def list(
        self, status: str = OPEN, *, limit: int | None = None, offset: int = 0, now: datetime | None = None
    ) -> Sequence[Callback]:
        """The requests with `status`, in the order in which to work.

        Open ones: overdue, then urgent, then soonest due, then oldest. Done ones: last done first.
        """
        table = callbacks.c
        overdue: Any = sa.case((table.due < stamp(now), 0), else_=1)
        urgent: Any = sa.case((table.priority == URGENT, 0), else_=1)
        undated: Any = sa.case((table.due.is_(None), 1), else_=0)
        order: tuple[Any, ...] = (overdue, urgent, undated, table.due, table.created, table.id)
        if status == DONE:
            order = (_closings.c.id.desc(),)
        query = _SELECT.where(table.status == status).order_by(*order).limit(limit).offset(offset or None)
        return self._read(query)

    def every(self) -> Sequence[Callback]:
        """All requests, oldest first."""
        return self._read(_SELECT.order_by(callbacks.c.created, callbacks.c.id))

    def find(self, reference: str) -> Callback | None:
        """The request with `reference`, or None."""
        found = self._read(_SELECT.where(callbacks.c.reference == reference))
        return found[0] if found else None

    def mark(self, reference: str, status: str, actor: str) -> Callback | None:
        """Set the request's status to "done" or "open" and record who did, in one transaction.

        Returns the request as it now is, None when there is none with `reference`. Twice is recorded once.
        """
        if status not in (OPEN, DONE):
            raise ValueError(f"{status!r} is no status; it is {OPEN!r} or {DONE!r}")
        table = callbacks.c
        with self._engine.begin() as connection:
            # The write comes first: after a read, SQLite refuses to write on a snapshot that has grown old.
            changed = connection.execute(
                callbacks.update().where(table.reference == reference, table.status != status).values(status=status)
            )
            if changed.rowcount:
                number = connection.execute(sa.select(table.id).where(table.reference == reference)).scalar_one()
                event = "done" if status == DONE else "reopened"
                _record(connection, number, clock.now(), actor=actor, event=event)
        return self.find(reference)

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

    def counts(self, now: datetime | None = None) -> Counts:
        """How many requests wait and how many are done, at `now`."""
        table = callbacks.c
        is_open = table.status == OPEN
        query = sa.select(
            *(
                sa.func.coalesce(sa.func.sum(sa.case((condition, 1), else_=0)), 0)
                for condition in (
                    is_open,
                    sa.and_(is_open, table.due < stamp(now)),
                    sa.and_(is_open, table.priority == URGENT),
                    table.status == DONE,
                )
            )
        )
        with self._engine.connect() as connection:
            return Counts(*(int(count) for count in connection.execute(query).one()))

    def _same(self, earlier: Any, request: CallbackRequest) -> Callback:
        if not secrets.compare_digest(earlier.fingerprint, request.fingerprint):
            raise KeyReused("This idempotency key came before with another request; send a new one.")
        return self._require(earlier.reference)

    def _by_key(self, key: str) -> Any:
        query = sa.select(callbacks.c.reference, callbacks.c.fingerprint).where(callbacks.c.idempotency_key == key)
        with self._engine.connect() as connection:
            return connection.execute(query).one_or_none()

    def _require(self, reference: str) -> Callback:
        found = self.find(reference)
        if found is None:
            raise CallbackError(f"The request {reference} was removed while it was being stored.")
        return found

    def _read(self, query: Any) -> Sequence[Callback]:
        with self._engine.connect() as connection:
            return [_callback(row) for row in connection.execute(query).mappings()]


# The last "done" of each request that is done.
_closings = callback_events.alias("closings")
_last_closing = (
    sa.select(sa.func.max(callback_events.c.id))
    .where(callback_events.c.callback == callbacks.c.id, callback_events.c.event == "done")
    .correlate(callbacks)
    .scalar_subquery()
)
_SELECT = sa.select(
    *(column for column in callbacks.c if column.name not in ("idempotency_key", "fingerprint")),
    _closings.c.at.label("closed"),
    _closings.c.actor.label("closed_by"),
).select_from(callbacks.outerjoin(_closings, sa.and_(callbacks.c.status == DONE, _closings.c.id == _last_closing)))


def _record(connection: Any, callback: int, at: datetime, *, actor: str, event: str, detail: str | None = None) -> None:
    connection.execute(
        callback_events.insert().values(callback=callback, at=stamp(at), actor=actor, event=event, detail=detail)
    )


def _callback(row: Mapping[str, Any]) -> Callback:
    moments = {name: datetime.fromisoformat(row[name]) if row[name] else None for name in ("created", "due", "closed")}
    return Callback(**{**row, **moments})


def _new_reference(length: int) -> str:
    return "PRP-" + "".join(secrets.choice(REFERENCE_LETTERS) for _ in range(length))


def _language(given: Mapping[str, object]) -> str:
    lang = given.get("lang")
    return lang if isinstance(lang, str) and lang in fields.LANGUAGES else "en"
