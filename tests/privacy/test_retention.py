"""A conversation is gone when its time is over, with all that belongs to it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import sqlalchemy as sa

from prp_guide import clock
from prp_guide.database import engine, migrate, sessions, stamp, trackers, turns
from prp_guide.privacy.retention import purge_conversations

KEPT_DAYS = 30


def test_what_is_older_than_its_time_goes_and_the_rest_stays(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'prp-guide.db'}"
    migrate(url)
    database = engine(url)
    ages = {"old": timedelta(days=KEPT_DAYS, minutes=1), "young": timedelta(days=KEPT_DAYS, minutes=-1)}
    with database.begin() as connection:
        for name, age in ages.items():
            seen = stamp(clock.now() - age)
            connection.execute(sessions.insert().values(id=name, created=seen, last_seen=seen))
            connection.execute(turns.insert().values(session=name, number=1, status="done", created=seen))
            connection.execute(trackers.insert().values(conversation=name, version=1, events="[]", saved=seen))
    assert purge_conversations(database, KEPT_DAYS) == 1
    with database.connect() as connection:
        for table, column in ((sessions, "id"), (turns, "session"), (trackers, "conversation")):
            assert connection.execute(sa.select(table.c[column])).scalars().all() == ["young"]
