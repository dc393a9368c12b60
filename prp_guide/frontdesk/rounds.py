"""What is done at a time of its own, once: the first process that comes by after that time does it."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from prp_guide.database import desk_moments, hold, put, stamp


def take(engine: sa.engine.Engine, name: str, time: datetime, now: datetime, *, at_once: bool = False) -> bool:
    """Whether what is called `name`, and was to be done at `time`, is the caller's to do now. True once for a `time`.

    An installation that sees the name for the first time begins with it `at_once`, or at the next time.
    """
    with engine.begin() as connection:
        hold(connection, "rounds")
        last = connection.execute(sa.select(desk_moments.c.at).where(desk_moments.c.name == name)).scalar_one_or_none()
        if last is not None and datetime.fromisoformat(last) >= time:
            return False
        put(connection, desk_moments, {"name": name}, {"at": stamp(now)})
    return last is not None or at_once
