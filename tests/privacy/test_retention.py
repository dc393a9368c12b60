"""A conversation is gone when its time is over, with all that belongs to it, off the disk too."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from prp_guide import clock
from prp_guide.database import engine, migrate, sessions, stamp, trackers, turns
from prp_guide.privacy.retention import purge_conversations, wipe, wipe_soon
from tests.support.traces import files_with

WORDS = "a zither under a pyramid"


@pytest.fixture(params=["sqlite", "postgresql"])
def database(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[sa.engine.Engine]:
    if request.param == "postgresql":
        yield engine(request.getfixturevalue("postgresql_database"))
        return
    url = f"sqlite:///{tmp_path / 'prp-guide.db'}"
    migrate(url)
    yield engine(url)


def converse(database: sa.engine.Engine, name: str, age: timedelta = timedelta(), times: int = 1) -> None:
    seen = stamp(clock.now() - age)
    with database.begin() as connection:
        connection.execute(sessions.insert().values(id=name, created=seen, last_seen=seen))
        for number in range(times):
            row = {
                "session": name,
                "number": number,
                "status": "done",
                "created": seen,
                "request": f"{WORDS} {number}" * 9,
            }
            connection.execute(turns.insert().values(**row))
        connection.execute(trackers.insert().values(conversation=name, version=1, events="[]", saved=seen))


@pytest.mark.parametrize("days", [30, 7])
def test_what_is_older_than_its_time_goes_and_the_rest_stays(database: sa.engine.Engine, days: int) -> None:
    converse(database, "old", timedelta(days=days, minutes=1))
    converse(database, "young", timedelta(days=days, minutes=-1))
    assert purge_conversations(database, days) == 1
    with database.connect() as connection:
        for table, column in ((sessions, "id"), (turns, "session"), (trackers, "conversation")):
            assert connection.execute(sa.select(table.c[column])).scalars().all() == ["young"]
    assert wipe(database)
    assert wipe(database, whole=True)


def test_what_went_is_off_the_disk(tmp_path: Path) -> None:
    """Every other one of many, so that rows are moved between pages."""
    url = f"sqlite:///{tmp_path / 'prp-guide.db'}"
    migrate(url)
    database = engine(url)
    for number in range(60):
        converse(database, f"session-{number}", times=7)
    assert wipe(database)
    assert files_with(tmp_path, [WORDS])
    with database.begin() as connection:
        connection.execute(sessions.delete().where(sessions.c.id.like("%5")))
    with database.begin() as connection:
        connection.execute(sessions.delete())
    assert files_with(tmp_path, [WORDS]), "it lies in the write-ahead log"
    assert wipe(database, whole=True)
    assert not files_with(tmp_path, [WORDS])


def test_while_somebody_reads_it_waits(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'prp-guide.db'}"
    migrate(url)
    database = engine(url)
    converse(database, "one")
    with closing(sqlite3.connect(tmp_path / "prp-guide.db", isolation_level=None)) as reader:
        reader.execute("BEGIN")
        assert reader.execute("SELECT count(*) FROM sessions").fetchone() == (1,)
        with database.begin() as connection:
            connection.execute(sessions.delete())
        assert not wipe(database)
        assert not wipe_soon(database, seconds=0.1)
        reader.execute("COMMIT")
    assert wipe_soon(database)
    assert not files_with(tmp_path, [WORDS])
