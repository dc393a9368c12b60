"""What is kept of one phone number: shown, and erased; and requests whose time is over.

Conversations belong to no number, unless one leads to a request this very moment: then its draft names the number.
Each erasure leaves a tombstone in the access log, in the same transaction: which request, by whom and why, and no
word of what it said.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from prp_guide import clock
from prp_guide.clinic import parse_phone
from prp_guide.database import (
    callback_events,
    callback_repeats,
    callbacks,
    deliveries,
    desk_drafts,
    drafts,
    hold,
    sessions,
    stamp,
)
from prp_guide.errors import CallbackInvalid
from prp_guide.frontdesk.callback import DONE
from prp_guide.frontdesk.drafts import DraftStore
from prp_guide.privacy import access_log
from prp_guide.privacy.access_log import AccessLog

ASKED, TIME_OVER = "erased on request", "its time was over"
# What is of no use to the person that it is about.
_INTERNAL = ("id", "idempotency_key", "fingerprint", "callback", "once", "before", "holder", "held_until")


@dataclass(frozen=True)
class Erased:
    """How much was erased: the references of requests, and how many conversations that were under way."""

    references: tuple[str, ...]
    conversations: int


class Dossier:
    """What the installation with the durable `engine` keeps of people's numbers."""

    def __init__(self, engine: sa.engine.Engine, drafts: DraftStore, log: AccessLog) -> None:
        self._engine, self._drafts, self._log = engine, drafts, log

    def export(self, phone: str, actor: str) -> dict[str, Any]:
        """All that is kept of `phone`, as plain data, and who saw it. Raises CallbackInvalid for what is no number."""
        number = checked_phone(phone)
        with self._engine.connect() as connection:
            requests = [
                self._whole(connection, row)
                for row in connection.execute(sa.select(callbacks).where(callbacks.c.phone == number)).mappings()
            ]
        references = [str(request["reference"]) for request in requests]
        self._log.write(actor, access_log.EXPORTED, references, "all that is kept of a number")
        seen = [
            {
                "at": entry.at,
                "actor": entry.actor,
                "act": entry.act,
                "references": sorted({*entry.references} & {*references}),
            }
            for entry in self._log.about(references)
        ]
        in_progress = [asdict(draft) for _, draft in self._drafts.with_phone(number)]
        return {"phone": number, "requests": requests, "in_progress": in_progress, "access": seen}

    def erase(self, phone: str, actor: str) -> Erased:
        """Erase all that is kept of `phone`. Raises CallbackInvalid for what is no number."""
        number = checked_phone(phone)
        conversations = [conversation for conversation, _ in self._drafts.with_phone(number)]
        with self._engine.begin() as connection:
            hold(connection, "callbacks")
            connection.execute(drafts.delete().where(drafts.c.conversation.in_(conversations)))
            connection.execute(sessions.delete().where(sessions.c.id.in_(conversations)))
            references = self._remove(connection, callbacks.c.phone == number, actor, ASKED)
        return Erased(references, len(conversations))

    def purge(self, days: int) -> tuple[str, ...]:
        """Erase the requests that are done and that nobody has touched for `days`; returns their references."""
        oldest = stamp(clock.now() - timedelta(days=days))
        touched = sa.select(callback_events.c.id).where(
            callback_events.c.callback == callbacks.c.id, callback_events.c.at >= oldest
        )
        over = sa.and_(callbacks.c.status == DONE, callbacks.c.created < oldest, sa.not_(sa.exists(touched)))
        with self._engine.begin() as connection:
            hold(connection, "callbacks")
            return self._remove(connection, over, access_log.MACHINE, TIME_OVER)

    def _remove(self, connection: Any, condition: Any, actor: str, why: str) -> tuple[str, ...]:
        rows = connection.execute(sa.select(callbacks.c.id, callbacks.c.reference).where(condition)).all()
        if not rows:
            return ()
        # With a request go its history, what joined it, its deliveries and the notes begun on it.
        for start in range(0, len(rows), 500):
            part = [row.id for row in rows[start : start + 500]]
            connection.execute(callbacks.delete().where(callbacks.c.id.in_(part)))
        references = tuple(str(row.reference) for row in rows)
        hold_log(connection)
        self._log.add(connection, actor, access_log.ERASED, references, why)
        return references

    @staticmethod
    def _whole(connection: Any, row: Any) -> dict[str, Any]:
        def parts(table: Any, order: Any) -> list[dict[str, Any]]:
            found = connection.execute(sa.select(table).where(table.c.callback == row["id"]).order_by(order)).mappings()
            return [_public(one) for one in found]

        return {
            **_public(row),
            "history": parts(callback_events, callback_events.c.id),
            "asked_again": parts(callback_repeats, callback_repeats.c.id),
            "sent_to": parts(deliveries, deliveries.c.created),
            "notes_begun": parts(desk_drafts, desk_drafts.c.saved),
        }


def hold_log(connection: Any) -> None:
    """Hold the access log in a transaction that has begun; SQLite's one lock is held already."""
    if connection.dialect.name != "sqlite":
        hold(connection, "access log")


def checked_phone(phone: str) -> str:
    """`phone` as requests keep it. Raises CallbackInvalid."""
    try:
        return parse_phone(phone)
    except ValueError as fault:
        raise CallbackInvalid({"phone": str(fault)}) from None


def _public(row: Any) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in _INTERNAL}
