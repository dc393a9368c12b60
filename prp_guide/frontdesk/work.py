"""Working through the requests: take one, say how the call went, let it sleep, note, undo.

Each act is one transaction: what changes and the line in the history stand together or not at all. An act that comes
again with the same `once`, because its answer got lost, changes nothing a second time.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from prp_guide import clock
from prp_guide.database import callback_events, callbacks, desk_drafts, hold, stamp
from prp_guide.errors import AlreadyTaken, DeskError, TooLate
from prp_guide.frontdesk.callback import CLAIM_HOLDS, DONE, OPEN, URGENT
from prp_guide.frontdesk.hours import OpeningHours
from prp_guide.frontdesk.outcomes import OUTCOMES, due_after, next_call
from prp_guide.privacy.redaction import redact_secrets

UNDO_SHOWN = timedelta(seconds=10)
UNDO_WITHIN = timedelta(seconds=15)  # the network and a slow hand included
LONGEST_NOTE = 2000
LONGEST_SLEEP = timedelta(days=60)
# What an act may change, and an undo puts back.
STATE = ("status", "claimed_by", "claimed_at", "sleeps_until", "outcome", "attempts", "due", "known_patient")
# Events that change nothing of that.
_QUIET = ("noted", "waiting", "undelivered", "resent")
FREE: dict[str, Any] = {"claimed_by": None, "claimed_at": None}


@dataclass(frozen=True)
class Note:
    """What somebody wrote beside an act; `draft` and `version` name the draft that it was kept in, if any."""

    text: str
    draft: str = ""
    version: int = 0

    @property
    def cleaned(self) -> str:
        """The text without what cannot be seen, and card and social-security numbers. Raises DeskError if too long."""
        lines = "".join(c if c == "\n" or c.isprintable() else " " for c in self.text.replace("\r\n", "\n"))
        text = redact_secrets("\n".join(line.rstrip() for line in lines.strip().split("\n")))
        if len(text) > LONGEST_NOTE:
            raise DeskError(f"A note has at most {LONGEST_NOTE} characters; this one has {len(text)}.")
        return text


@dataclass(frozen=True)
class Act:
    """Something that somebody has just done; `undo_left` says for how long a page offers to undo it."""

    number: int
    reference: str
    name: str
    event: str
    detail: str | None
    undo_left: timedelta


NO_NOTE = Note("")
Change = Callable[[Any, datetime], tuple[dict[str, Any], str | None]]


class Work:
    """What people do with the requests of one installation. Every method names the `actor`, and raises DeskError
    for a request that is not there, AlreadyTaken while somebody else works on it.

    Those that can be undone return the number of their event; None when there was nothing to do.
    """

    def __init__(self, engine: sa.engine.Engine, hours: OpeningHours) -> None:
        self._engine = engine
        self._hours = hours

    def claim(self, reference: str, actor: str, *, once: str = "") -> int | None:
        """Take the request, so that nobody else calls. Of two who do so at once, one gets it."""
        return self._act(reference, actor, "claimed", _claimed_by(actor), once=once)

    def take_over(self, reference: str, actor: str, *, once: str = "") -> int | None:
        """Take it from whoever has it."""
        return self._act(reference, actor, "taken_over", _claimed_by(actor), once=once, forced=True)

    def release(self, reference: str, actor: str, *, note: Note = NO_NOTE, once: str = "") -> int | None:
        """Put it back for whoever comes next."""

        def free(row: Any, _now: datetime) -> tuple[dict[str, Any], str | None]:
            return (FREE if row.claimed_by else {}), None

        return self._act(reference, actor, "released", free, note=note, once=once)

    def outcome(self, reference: str, actor: str, outcome: str, *, note: Note = NO_NOTE, once: str = "") -> int | None:
        """Say how the call went, one of OUTCOMES: it leaves the list, or sleeps until the next call."""
        if outcome not in OUTCOMES:
            raise DeskError(f"{outcome!r} is no outcome; it is one of {', '.join(OUTCOMES)}.")
        chosen = OUTCOMES[outcome]

        def end(row: Any, now: datetime) -> tuple[dict[str, Any], str | None]:
            if row.status == DONE:
                return {}, None
            if chosen.closes:
                return {**FREE, "status": DONE, "outcome": outcome, "sleeps_until": None}, None
            until = next_call(chosen, now, row.priority == URGENT, self._hours)
            assert until is not None
            changes = {**_sleeping(row, until), "outcome": outcome, "attempts": row.attempts + 1}
            return changes, until.isoformat(timespec="seconds")

        return self._act(reference, actor, outcome, end, note=note, once=once)

    def done(self, reference: str, actor: str, *, note: Note = NO_NOTE, once: str = "") -> int | None:
        """Take it off the list without a call."""

        def end(row: Any, _now: datetime) -> tuple[dict[str, Any], str | None]:
            changes = {**FREE, "status": DONE, "outcome": None, "sleeps_until": None}
            return (changes if row.status == OPEN else {}), None

        return self._act(reference, actor, "done", end, note=note, once=once)

    def reopen(self, reference: str, actor: str, *, once: str = "") -> int | None:
        """Put one that is done back on the list, due as if it had come now."""

        def begin(row: Any, now: datetime) -> tuple[dict[str, Any], str | None]:
            if row.status == OPEN:
                return {}, None
            due = self._hours.due(now, row.priority)
            return {"status": OPEN, "sleeps_until": None, "due": stamp(due) if due else None}, None

        return self._act(reference, actor, "reopened", begin, once=once)

    def sleep(self, reference: str, actor: str, until: datetime, *, note: Note = NO_NOTE, once: str = "") -> int | None:
        """Keep it off the list until then. Raises DeskError for a time that has passed or is too far off."""
        now = clock.now()
        if not now < until <= now + LONGEST_SLEEP:
            raise DeskError(f"Choose a time to call that is still to come, at most {LONGEST_SLEEP.days} days from now.")

        def rest(row: Any, _now: datetime) -> tuple[dict[str, Any], str | None]:
            return (_sleeping(row, until) if row.status == OPEN else {}), until.isoformat(timespec="seconds")

        return self._act(reference, actor, "slept", rest, note=note, once=once)

    def known(self, reference: str, actor: str, known: bool | None, *, once: str = "") -> int | None:
        """Note whether the clinic knows this patient already; None: nobody has said."""

        def set_it(row: Any, _now: datetime) -> tuple[dict[str, Any], str | None]:
            changed = row.known_patient is not known
            return ({"known_patient": known} if changed else {}), {True: "existing", False: "new", None: None}[known]

        return self._act(reference, actor, "known", set_it, once=once, forced=True)

    def note(self, reference: str, actor: str, note: Note, *, once: str = "") -> None:
        """Add a note to the history, whoever works on the request."""
        if not note.cleaned:
            raise DeskError("The note is empty.")
        self._act(reference, actor, "noted", lambda _row, _now: ({}, None), note=note, once=once, forced=True)

    def act(self, event: int, actor: str) -> Act | None:
        """What `actor` did in `event`, and how long it can be undone; None when that was somebody else, or nothing."""
        events = callback_events.c
        query = (
            sa.select(events.at, events.event, events.detail, callbacks.c.reference, callbacks.c.name)
            .join(callbacks, callbacks.c.id == events.callback)
            .where(events.id == event, events.actor == actor)
        )
        with self._engine.connect() as connection:
            row = connection.execute(query).one_or_none()
        if row is None:
            return None
        left = datetime.fromisoformat(row.at) + UNDO_SHOWN - clock.now()
        return Act(event, row.reference, row.name, row.event, row.detail, max(left, timedelta()))

    def undo(self, reference: str, event: int, actor: str) -> str:
        """Put the request back to how it stood before `event`, which `actor` made last; returns what it was.

        Raises TooLate when that is longer ago than UNDO_WITHIN, or something else has happened since.
        """
        events = callback_events.c
        with self._engine.begin() as connection:
            hold(connection, "callbacks")
            row = _find(connection, reference)
            newest = sa.select(callback_events).where(events.callback == row.id, events.event.not_in(_QUIET))
            last = connection.execute(newest.order_by(events.id.desc()).limit(1)).one()
            if last.id != event or last.actor != actor or last.before is None:
                raise TooLate("Something else has happened to this request since; nothing was undone.")
            now = clock.now()
            if now - datetime.fromisoformat(last.at) > UNDO_WITHIN:
                raise TooLate("Undo works for 10 seconds. Open the request to change it.")
            connection.execute(callbacks.update().where(callbacks.c.id == row.id).values(**json.loads(last.before)))
            connection.execute(
                callback_events.insert().values(
                    callback=row.id, at=stamp(now), actor=actor, event="undone", detail=last.event
                )
            )
        return str(last.event)

    def _act(
        self,
        reference: str,
        actor: str,
        event: str,
        change: Change,
        *,
        note: Note = NO_NOTE,
        once: str = "",
        forced: bool = False,
    ) -> int | None:
        words = note.cleaned
        with self._engine.begin() as connection:
            # Also holds back new requests that would merge, so nothing changes between the look and the writing.
            hold(connection, "callbacks")
            row = _find(connection, reference)
            if once and (earlier := _by_once(connection, once)):
                return earlier
            now = clock.now()
            holder = _holder(row, now)
            if holder not in (None, actor) and not forced:
                raise AlreadyTaken(str(holder), row.name)
            about = {"callback": row.id, "at": stamp(now), "actor": actor}
            changes, detail = change(row, now)
            if words:
                # A key is kept once: with the act, or with the note where nothing else is done.
                own = None if changes else once or None
                connection.execute(callback_events.insert().values(**about, once=own, event="noted", detail=words))
                _drop_draft(connection, row.id, actor, note)
            if not changes:
                return None
            before = json.dumps({name: getattr(row, name) for name in STATE})
            connection.execute(callbacks.update().where(callbacks.c.id == row.id).values(**changes))
            made = connection.execute(
                callback_events.insert().values(**about, event=event, detail=detail, before=before, once=once or None)
            )
            return int(made.inserted_primary_key[0])


def _claimed_by(actor: str) -> Change:
    def claim(row: Any, now: datetime) -> tuple[dict[str, Any], str | None]:
        if row.status == DONE:
            raise DeskError("This request is done. Reopen it first.")
        if _holder(row, now) == actor:
            return {}, None
        return {"claimed_by": actor, "claimed_at": stamp(now)}, row.claimed_by

    return claim


def _sleeping(row: Any, until: datetime) -> dict[str, Any]:
    due = due_after(until, datetime.fromisoformat(row.due) if row.due else None, row.priority == URGENT)
    return {**FREE, "sleeps_until": stamp(until), "due": stamp(due) if due else None}


def _holder(row: Any, now: datetime) -> str | None:
    held = row.claimed_at is not None and row.claimed_at > stamp(now - CLAIM_HOLDS)
    return row.claimed_by if held else None


def _find(connection: Any, reference: str) -> Any:
    row = connection.execute(sa.select(callbacks).where(callbacks.c.reference == reference)).one_or_none()
    if row is None:
        raise DeskError("There is no such request.")
    return row


def _by_once(connection: Any, once: str) -> int | None:
    found = connection.execute(sa.select(callback_events.c.id).where(callback_events.c.once == once)).scalar()
    return None if found is None else int(found)


def _drop_draft(connection: Any, number: int, actor: str, note: Note) -> None:
    """The draft has become a note; one that has grown since, in another window, stays."""
    table = desk_drafts.c
    if note.draft:
        connection.execute(
            desk_drafts.delete().where(
                table.id == note.draft,
                table.callback == number,
                table.user == actor,
                table.version <= note.version,
            )
        )
