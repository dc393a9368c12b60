"""Sessions: the token that a patient's browser holds, and the row that says whether it is still good.

A token is `1.<session id>.<issued, seconds>.<signature>`. It is minted and signed here, so that nobody
chooses the id under which Rasa keeps a conversation. A session lives 30 minutes from its last message, and a token
12 hours at most, however often it is used: what was copied from a browser ends too.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from prp_guide import clock
from prp_guide.database import sessions, stamp
from prp_guide.errors import ConversationGone
from prp_guide.privacy.retention import wipe_soon

IDLE = timedelta(minutes=30)
LONGEST = timedelta(hours=12)
AHEAD = timedelta(minutes=5)  # by which another server's clock may be ahead of ours
VERSION = "1"
TOKEN = re.compile(r"(1)\.([A-Za-z0-9_-]{24})\.([0-9]{1,12})\.([A-Za-z0-9_-]{43})")


@dataclass(frozen=True)
class Session:
    """A living session as its row says."""

    id: str
    lang: str


class Sessions:
    """Opens, reads and erases sessions in the database behind `engine`; `key` signs their tokens."""

    def __init__(self, engine: sa.engine.Engine, key: bytes) -> None:
        self._engine, self._key = engine, key

    def open(self, lang: str = "en") -> tuple[str, Session]:
        """A new session and its token."""
        session = Session(secrets.token_urlsafe(18), lang)
        now = clock.now()
        with self._engine.begin() as connection:
            row = {
                "id": session.id,
                "created": stamp(now),
                "last_seen": stamp(now),
                "lang": lang,
                "last_turn": 0,
            }
            connection.execute(sessions.insert().values(row))
        return self.token(session.id, now), session

    def token(self, session_id: str, issued: datetime) -> str:
        """The signed token of a session."""
        signed = f"{VERSION}.{session_id}.{int(issued.timestamp())}"
        return f"{signed}.{self._signature(signed)}"

    def session_id(self, token: str) -> str:
        """The session id in `token`; asks no database. Raises ConversationGone when it is not ours or too old."""
        parts = TOKEN.fullmatch(token)
        signed = token.rpartition(".")[0]
        if parts is None or not hmac.compare_digest(self._signature(signed), parts[4]):
            raise ConversationGone("The session token is not one of ours.")
        if not -AHEAD.total_seconds() <= clock.now().timestamp() - int(parts[3]) <= LONGEST.total_seconds():
            raise ConversationGone("The session token has expired.")
        return parts[2]

    def get(self, session_id: str) -> Session:
        """The session. Raises ConversationGone when it was erased or has expired."""
        query = sa.select(sessions.c.id, sessions.c.lang).where(is_alive(session_id))
        with self._engine.connect() as connection:
            row = connection.execute(query).first()
        if row is None:
            raise ConversationGone("The session has expired or was erased.")
        return Session(row.id, row.lang)

    def exists(self, session_id: str) -> bool:
        """Whether the session has a row, expired or not."""
        with self._engine.connect() as connection:
            return connection.execute(sa.select(sessions.c.id).where(sessions.c.id == session_id)).first() is not None

    def set_lang(self, session_id: str, lang: str) -> None:
        """From now on the session speaks `lang`."""
        with self._engine.begin() as connection:
            connection.execute(sessions.update().where(sessions.c.id == session_id).values(lang=lang))

    def keep(self, session_id: str) -> None:
        """The session lives 30 minutes from now. Raises ConversationGone."""
        with self._engine.begin() as connection:
            kept = sessions.update().where(is_alive(session_id)).values(last_seen=stamp())
            if connection.execute(kept).rowcount == 0:
                raise ConversationGone("The session has expired or was erased.")

    def erase(self, session_id: str) -> None:
        """Delete a living session, and with it its turns, tracker and feedback. Raises ConversationGone."""
        with self._engine.begin() as connection:
            if connection.execute(sessions.delete().where(is_alive(session_id))).rowcount == 0:
                raise ConversationGone("The session has expired or was erased.")

    def wipe(self) -> bool:
        """Take what was erased off the disk. False when that must wait: the hourly clearing does it then."""
        return wipe_soon(self._engine)

    def _signature(self, signed: str) -> str:
        mac = hmac.new(self._key, b"chat session " + signed.encode(), hashlib.sha256).digest()
        return base64.urlsafe_b64encode(mac).rstrip(b"=").decode()


def is_alive(session_id: str) -> Any:
    """The condition that a row of `sessions` is this session and has not expired."""
    return sa.and_(sessions.c.id == session_id, sessions.c.last_seen > stamp(clock.now() - IDLE))
