"""The `turns` table: who said what, redacted; and the memory that makes a repeated message act once."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from prp_guide import clock
from prp_guide.chat.sessions import is_alive
from prp_guide.database import feedback, sessions, stamp, turns
from prp_guide.errors import ConversationGone
from prp_guide.privacy import redact

Message = dict[str, Any]  # an envelope as it goes over the wire

RUNNING, DONE, FAILED = "running", "done", "failed"
# A turn that has been running for longer was left by a process that died.
ABANDONED = timedelta(seconds=15)
CLOSED_STEPS = (None, "done", "cancelled")


@dataclass(frozen=True)
class Turn:
    """One turn as it is stored. `fresh` when it was begun by this very call and is the caller's to finish."""

    session: str
    number: int
    lang: str
    fresh: bool
    status: str = RUNNING
    messages: tuple[Message, ...] = ()


class Turns:
    """Reads and writes the turns of all sessions in the database behind `engine`."""

    def __init__(self, engine: sa.engine.Engine) -> None:
        self._engine = engine

    def begin(self, session: str, client_id: str | None) -> Turn:
        """Begin a turn, which keeps the session alive; or return the one that this client id began before.

        Raises ConversationGone when the session was erased or has expired.
        """
        client_id = kept_id(client_id)
        with self._engine.connect() as connection, connection.begin() as transaction:
            # The update comes first: it takes the write lock, so no other process can begin the same number.
            alive = sessions.update().where(is_alive(session))
            changed = connection.execute(alive.values(last_turn=sessions.c.last_turn + 1, last_seen=stamp()))
            if changed.rowcount == 0:
                raise ConversationGone("The session has expired or was erased.")
            row = connection.execute(
                sa.select(sessions.c.last_turn, sessions.c.lang).where(sessions.c.id == session)
            ).one()
            if client_id is not None:
                known = connection.execute(
                    sa.select(turns).where(turns.c.session == session, turns.c.client_id == client_id)
                ).first()
                if known is not None:
                    transaction.rollback()
                    return self._abandoned_or(known, row.lang)
            begun = {"session": session, "number": row.last_turn, "client_id": client_id}
            connection.execute(turns.insert().values(**begun, status=RUNNING, created=stamp()))
        return Turn(session, row.last_turn, row.lang, fresh=True)

    def finish(
        self, turn: Turn, request: str | None, messages: Sequence[Mapping[str, Any]], status: str = DONE
    ) -> None:
        """Store how a turn ended. Raises ConversationGone when it was erased: nothing comes back."""
        finished = {
            "status": status,
            "request": request,
            "messages": json.dumps(list(messages), ensure_ascii=False),
            "finished": stamp(),
        }
        here = sa.and_(turns.c.session == turn.session, turns.c.number == turn.number)
        with self._engine.begin() as connection:
            if connection.execute(turns.update().where(here).values(finished)).rowcount == 0:
                raise ConversationGone("The session was erased while it was answered.")

    def withdraw(self, turn: Turn) -> None:
        """Take back a turn that was begun and is not to be answered."""
        here = sa.and_(turns.c.session == turn.session, turns.c.number == turn.number)
        with self._engine.begin() as connection:
            connection.execute(turns.delete().where(here))

    def greet(self, session: str, messages: Sequence[Mapping[str, Any]]) -> None:
        """Store what the assistant said before the patient's first turn."""
        row = {"session": session, "number": 0, "status": DONE, "created": stamp(), "finished": stamp()}
        with self._engine.begin() as connection:
            connection.execute(turns.insert().values(**row, messages=json.dumps(list(messages), ensure_ascii=False)))

    def find(self, turn: Turn) -> Turn:
        """A turn as it stands now. Raises ConversationGone when it was erased."""
        here = sa.and_(turns.c.session == turn.session, turns.c.number == turn.number)
        with self._engine.connect() as connection:
            row = connection.execute(sa.select(turns).where(here)).first()
        if row is None:
            raise ConversationGone("The session was erased while it was answered.")
        return self._abandoned_or(row, turn.lang)

    def history(self, session: str) -> list[Message]:
        """The conversation so far, as `GET /api/chat/messages` gives it."""
        query = sa.select(turns).where(turns.c.session == session).order_by(turns.c.number)
        with self._engine.connect() as connection:
            rows = connection.execute(query).all()
        said: list[Message] = []
        for row in rows:
            if row.request is not None:
                said.append({"role": "patient", "text": row.request, "id": row.client_id or f"turn-{row.number}"})
            said += ({"role": "assistant", **message} for message in _messages(row))
        return said

    def form_is_open(self, session: str, before: int) -> bool:
        """Whether the last answered turn before number `before` asked for a detail of a callback."""
        for row in self._answered_before(session, before, limit=1):
            steps = [message.get("step") for message in _messages(row) if message.get("kind") == "callback"]
            return bool(steps) and steps[-1] not in CLOSED_STEPS
        return False

    def label_of(self, session: str, choice: str, before: int) -> str | None:
        """The label under which a late message of the session offered `choice`."""
        for row in self._answered_before(session, before, limit=20):
            for message in reversed(_messages(row)):
                for offered in message.get("choices") or ():
                    if offered.get("id") == choice:
                        return str(offered.get("label"))
        return None

    def rate(self, session: str, message: str, helpful: bool) -> bool:
        """Keep the patient's last opinion of a message. False when the session has no such message."""
        ids = {said["id"] for said in self.history(session) if said["role"] == "assistant" and "id" in said}
        if message not in ids:
            return False
        here = sa.and_(feedback.c.session == session, feedback.c.message == message)
        opinion = {"helpful": helpful, "created": stamp()}
        with self._engine.begin() as connection:
            if connection.execute(feedback.update().where(here).values(opinion)).rowcount == 0:
                connection.execute(feedback.insert().values(session=session, message=message, **opinion))
        return True

    def _answered_before(self, session: str, number: int, limit: int) -> list[Any]:
        query = sa.select(turns).where(
            turns.c.session == session, turns.c.number < number, turns.c.messages.is_not(None)
        )
        with self._engine.connect() as connection:
            rows: list[Any] = connection.execute(query.order_by(turns.c.number.desc()).limit(limit)).all()
        return rows

    @staticmethod
    def _abandoned_or(row: Any, lang: str) -> Turn:
        status = row.status
        if status == RUNNING and row.created < stamp(clock.now() - ABANDONED):
            status = FAILED
        return Turn(row.session, row.number, lang, fresh=False, status=status, messages=tuple(_messages(row)))


def kept_id(client_id: str | None) -> str | None:
    """A client's message id as it may be stored: a hash of what looks like somebody's number, address or name."""
    if client_id is None or redact(client_id) == client_id:
        return client_id
    return hashlib.sha256(client_id.encode()).hexdigest()[:40]


def _messages(row: Any) -> list[Message]:
    return json.loads(row.messages) if row.messages else []
