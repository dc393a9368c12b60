"""The draft of a callback in progress: an encrypted row for each conversation, gone after 30 minutes."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields
from datetime import timedelta

import sqlalchemy as sa
from cryptography.fernet import Fernet, InvalidToken
from sqlalchemy.exc import IntegrityError

from prp_guide import clock
from prp_guide.database import drafts, stamp

LIFE = timedelta(minutes=30)


@dataclass(frozen=True)
class Draft:
    """What a patient has given so far; None stands for not yet. Change it with dataclasses.replace."""

    key: str | None = None  # the idempotency key of the request that this will become
    name: str | None = None
    phone: str | None = None
    best_time: str | None = None
    topic: str | None = None
    note: str | None = None
    lang: str | None = None
    priority: str | None = None
    voicemail_ok: bool | None = None


class DraftStore:
    """The drafts of one installation, readable only with `cipher` (prp_guide.keys.DRAFT)."""

    def __init__(self, engine: sa.engine.Engine, cipher: Fernet) -> None:
        self._engine = engine
        self._cipher = cipher

    def get(self, conversation: str) -> Draft | None:
        """The conversation's draft; None when there is none, it has expired, or the key was changed."""
        query = sa.select(drafts.c.sealed).where(drafts.c.conversation == conversation, drafts.c.expires > stamp())
        with self._engine.connect() as connection:
            sealed = connection.execute(query).scalar_one_or_none()
        return None if sealed is None else self._open(conversation, bytes(sealed))

    def with_phone(self, phone: str) -> list[tuple[str, Draft]]:
        """The conversations that are about to ask for a call at `phone`, with their drafts."""
        query = sa.select(drafts.c.conversation, drafts.c.sealed).where(drafts.c.expires > stamp())
        with self._engine.connect() as connection:
            rows = connection.execute(query).all()
        opened = [(row.conversation, self._open(row.conversation, bytes(row.sealed))) for row in rows]
        return [(conversation, draft) for conversation, draft in opened if draft is not None and draft.phone == phone]

    def put(self, conversation: str, draft: Draft) -> None:
        """Keep `draft` for 30 minutes from now, in place of an earlier one."""
        plain = json.dumps({"conversation": conversation, **asdict(draft)})
        values = {
            "sealed": self._cipher.encrypt(plain.encode()),
            "expires": stamp(clock.now() + LIFE),
        }
        # Twice at most: only another writer of the same first draft can refuse the insert.
        for _ in range(2):
            try:
                with self._engine.begin() as connection:
                    kept = connection.execute(
                        drafts.update().where(drafts.c.conversation == conversation).values(**values)
                    )
                    if not kept.rowcount:
                        connection.execute(drafts.insert().values(conversation=conversation, **values))
                return
            except IntegrityError:
                continue

    def keep(self, conversation: str) -> None:
        """The conversation's draft, if there is one, lives 30 minutes from now."""
        here = sa.and_(drafts.c.conversation == conversation, drafts.c.expires > stamp())
        with self._engine.begin() as connection:
            connection.execute(drafts.update().where(here).values(expires=stamp(clock.now() + LIFE)))

    def drop(self, conversation: str) -> None:
        """Remove the conversation's draft, if there is one."""
        with self._engine.begin() as connection:
            connection.execute(drafts.delete().where(drafts.c.conversation == conversation))

    def reseal(self, cipher: Fernet) -> int:
        """Seal every draft with `cipher` from now on; returns how many. One that cannot be read stays as it is."""
        with self._engine.begin() as connection:
            rows = connection.execute(sa.select(drafts.c.conversation, drafts.c.sealed)).all()
            opened = 0
            for row in rows:
                try:
                    plain = self._cipher.decrypt(bytes(row.sealed))
                except InvalidToken:
                    continue
                here = drafts.c.conversation == row.conversation
                connection.execute(drafts.update().where(here).values(sealed=cipher.encrypt(plain)))
                opened += 1
        self._cipher = cipher
        return opened

    def purge(self) -> int:
        """Remove the drafts that have expired; returns how many."""
        with self._engine.begin() as connection:
            return int(connection.execute(drafts.delete().where(drafts.c.expires <= stamp())).rowcount)

    def _open(self, conversation: str, sealed: bytes) -> Draft | None:
        try:
            plain = json.loads(self._cipher.decrypt(sealed))
        except InvalidToken:
            return None
        # The name inside keeps a row from being read as another conversation's.
        if plain.get("conversation") != conversation:
            return None
        return Draft(**{field.name: plain.get(field.name) for field in fields(Draft)})
