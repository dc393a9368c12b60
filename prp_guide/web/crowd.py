"""How many conversations are alive at once: beyond `MOST` no new one is opened, and those that run stay quick.

Whoever is turned away gets the phone number; the plain callback form needs no conversation.
"""

from __future__ import annotations

from time import monotonic

import sqlalchemy as sa
from starlette.concurrency import run_in_threadpool

from prp_guide import clock
from prp_guide.chat.sessions import IDLE
from prp_guide.database import sessions, stamp

MOST = 20_000
FRESH = 5.0  # seconds for which one count serves all who ask


class Crowd:
    """Counts the living sessions in the database behind `engine`, now and then."""

    def __init__(self, engine: sa.engine.Engine, *, enabled: bool = True, most: int = MOST) -> None:
        self.most = most
        self._engine, self._enabled = engine, enabled
        self._count, self._counted = 0, float("-inf")

    async def full(self) -> bool:
        """Whether there is no room for one more."""
        if not self._enabled:
            return False
        if monotonic() - self._counted > FRESH:
            self._counted = monotonic()
            self._count = await run_in_threadpool(self._look)
        return self._count >= self.most

    def _look(self) -> int:
        alive = sa.select(sa.func.count()).select_from(sessions).where(sessions.c.last_seen > stamp(clock.now() - IDLE))
        with self._engine.connect() as connection:
            return int(connection.execute(alive).scalar_one())
