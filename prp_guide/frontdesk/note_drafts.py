"""Notes that somebody has begun: kept on the server as they are typed, so that no window, crash or sign-out loses one.

A draft has a version. Whoever saves on an old one, from a second window, begins a draft of their own: neither
overwrites the other.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa

from prp_guide import clock
from prp_guide.database import callbacks, desk_drafts, stamp
from prp_guide.errors import DeskError
from prp_guide.frontdesk.work import LONGEST_NOTE
from prp_guide.privacy.redaction import redact_secrets

KEPT = timedelta(days=30)
MOST = 10  # of one person, for one request


@dataclass(frozen=True)
class NoteDraft:
    """A note that is begun."""

    id: str
    text: str
    version: int


class NoteDrafts:
    """The drafts of everybody; each sees their own."""

    def __init__(self, engine: sa.engine.Engine) -> None:
        self._engine = engine

    def of(self, number: int, user: str) -> Sequence[NoteDraft]:
        """The drafts of `user` for the request with the id `number`, last saved first."""
        table = desk_drafts.c
        query = (
            sa.select(table.id, table.text, table.version)
            .where(table.callback == number, table.user == user, table.text != "")
            .order_by(table.saved.desc(), table.id)
        )
        with self._engine.connect() as connection:
            return [NoteDraft(row.id, row.text, row.version) for row in connection.execute(query)]

    def begun(self, user: str, numbers: Iterable[int]) -> frozenset[int]:
        """Those requests among `numbers` for which `user` has begun a note."""
        table = desk_drafts.c
        query = sa.select(table.callback).where(
            table.user == user, table.text != "", table.callback.in_(sorted(set(numbers)))
        )
        with self._engine.connect() as connection:
            return frozenset(connection.execute(query).scalars())

    def save(self, reference: str, user: str, text: str, draft: str = "", version: int = 0) -> NoteDraft:
        """Keep `text`: in `draft`, if it still has this `version`, else in a new one. Empty text removes it.

        Raises DeskError for a request that is not there, and for too much.
        """
        if len(text) > LONGEST_NOTE * 2:
            raise DeskError(f"A note has at most {LONGEST_NOTE} characters.")
        text = redact_secrets(text)
        table = desk_drafts.c
        now = stamp(clock.now())
        with self._engine.begin() as connection:
            if draft:
                kept = sa.and_(table.id == draft, table.user == user, table.version == version)
                if not text.strip():
                    if connection.execute(desk_drafts.delete().where(kept)).rowcount:
                        return NoteDraft("", "", 0)
                elif connection.execute(
                    desk_drafts.update().where(kept).values(text=text, version=version + 1, saved=now)
                ).rowcount:
                    return NoteDraft(draft, text, version + 1)
            if not text.strip():
                return NoteDraft("", "", 0)
            number = connection.execute(sa.select(callbacks.c.id).where(callbacks.c.reference == reference)).scalar()
            if number is None:
                raise DeskError("There is no such request.")
            mine = sa.and_(table.callback == number, table.user == user)
            same = connection.execute(sa.select(desk_drafts).where(mine, table.text == text)).first()
            if same is not None:
                return NoteDraft(same.id, same.text, same.version)
            if int(connection.execute(sa.select(sa.func.count()).where(mine)).scalar_one()) >= MOST:
                raise DeskError("You have begun ten notes on this request. Add or discard some of them first.")
            made = NoteDraft(secrets.token_hex(16), text, 1)
            connection.execute(
                desk_drafts.insert().values(
                    id=made.id, callback=number, user=user, text=text, version=made.version, saved=now
                )
            )
        return made

    def discard(self, draft: str, user: str) -> None:
        """Remove a draft of `user`."""
        with self._engine.begin() as connection:
            connection.execute(desk_drafts.delete().where(desk_drafts.c.id == draft, desk_drafts.c.user == user))

    def purge(self) -> int:
        """Remove what nobody has touched for 30 days; returns how many."""
        oldest = stamp(clock.now() - KEPT)
        with self._engine.begin() as connection:
            return int(connection.execute(desk_drafts.delete().where(desk_drafts.c.saved < oldest)).rowcount)
