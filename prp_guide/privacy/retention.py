"""How long conversations are kept, and their removal when that time is over."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa

from prp_guide import clock
from prp_guide.database import sessions, stamp

KEPT_DAYS = 30


def purge_conversations(engine: sa.engine.Engine) -> int:
    """Remove every conversation without a message for KEPT_DAYS, its turns and tracker with it; returns how many."""
    oldest = stamp(clock.now() - timedelta(days=KEPT_DAYS))
    with engine.begin() as connection:
        return int(connection.execute(sessions.delete().where(sessions.c.last_seen < oldest)).rowcount)
