"""The access log: whole as long as nobody has touched it, and broken from wherever somebody has."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from prp_guide.database import access_log, engine, migrate
from prp_guide.errors import AccessLogBroken
from prp_guide.privacy.access_log import AccessLog, Head

KEY = b"a key of this test"


@pytest.fixture(params=["sqlite", "postgresql"])
def database(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[sa.engine.Engine]:
    if request.param == "postgresql":
        yield engine(request.getfixturevalue("postgresql_database"), durable=True)
        return
    url = f"sqlite:///{tmp_path / 'prp-guide.db'}"
    migrate(url)
    yield engine(url, durable=True)


@pytest.fixture
def log(database: sa.engine.Engine) -> AccessLog:
    """Five entries."""
    log = AccessLog(database, KEY)
    for number in range(5):
        log.write("Ana", "opened", [f"PRP-{number}222", "PRP-8888"], None if number else "the first")
    return log


def tamper(database: sa.engine.Engine, change: str) -> None:
    """As somebody would who has the database in their hands: the triggers do not stop them."""
    with database.begin() as connection:
        if connection.dialect.name == "sqlite":
            for act in ("update", "delete"):
                connection.exec_driver_sql(f"DROP TRIGGER access_log_no_{act}")
        else:
            connection.exec_driver_sql("DROP TRIGGER access_log_stays ON access_log")
        connection.exec_driver_sql(change)


def test_whole(log: AccessLog) -> None:
    head = log.verify()
    assert head == log.head()
    assert head is not None
    assert head.number == 5
    assert [entry.number for entry in log.about(["PRP-3222"])] == [4]
    assert len(log.about(["PRP-8888"])) == 5


def test_an_empty_one_is_whole(database: sa.engine.Engine) -> None:
    assert AccessLog(database, KEY).verify() is None
    assert AccessLog(database, KEY).head() is None


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ("UPDATE access_log SET actor = 'Kim' WHERE number = 3", "Entry 3"),
        ("UPDATE access_log SET requests = 'PRP-9999' WHERE number = 1", "Entry 1"),
        ("UPDATE access_log SET at = '2026-01-01T00:00:00+00:00' WHERE number = 5", "Entry 5"),
        ("UPDATE access_log SET detail = 'nothing' WHERE number = 2", "Entry 2"),
        ("UPDATE access_log SET act = 'listed' WHERE number = 4", "Entry 4"),
        ("DELETE FROM access_log WHERE number = 1", "After entry 0"),
        ("DELETE FROM access_log WHERE number = 3", "After entry 2"),
        ("UPDATE access_log SET number = 9 WHERE number = 5", "After entry 4"),
        (
            "INSERT INTO access_log SELECT 6, at, actor, act, requests, detail, mac FROM access_log WHERE number = 5",
            "6",
        ),
        ("UPDATE access_log SET mac = (SELECT mac FROM access_log WHERE number = 4) WHERE number = 5", "Entry 5"),
    ],
)
def test_tampering_is_found(database: sa.engine.Engine, log: AccessLog, change: str, where: str) -> None:
    tamper(database, change)
    with pytest.raises(AccessLogBroken, match=where):
        log.verify()


def test_an_end_that_was_cut_off_is_told_by_a_head_that_was_kept(database: sa.engine.Engine, log: AccessLog) -> None:
    kept = log.head()
    assert kept is not None
    tamper(database, "DELETE FROM access_log WHERE number > 3")
    assert log.verify() is not None, "the chain alone cannot tell"
    with pytest.raises(AccessLogBroken, match="cut off"):
        log.verify([kept])


def test_a_log_that_was_written_anew_is_told_by_a_head_that_was_kept(
    database: sa.engine.Engine, log: AccessLog
) -> None:
    """Even by somebody who has the key."""
    kept = list(Head.found_in(f"Access log: head {log.head()}"))
    tamper(database, "DELETE FROM access_log")
    for number in range(7):
        log.write("Kim", "opened", [f"PRP-{number}222"])
    assert log.verify() is not None
    with pytest.raises(AccessLogBroken, match="another one"):
        log.verify(kept)


def test_another_key_fits_nothing(database: sa.engine.Engine, log: AccessLog) -> None:
    with pytest.raises(AccessLogBroken, match="Entry 1"):
        AccessLog(database, b"another key").verify()


@pytest.mark.parametrize(
    "slip",
    [lambda: access_log.update().values(actor="Kim"), lambda: access_log.delete().where(access_log.c.number == 5)],
)
def test_our_own_slips_are_refused(database: sa.engine.Engine, log: AccessLog, slip: Callable[[], object]) -> None:
    with pytest.raises(sa.exc.DBAPIError, match="only added to"), database.begin() as connection:
        connection.execute(slip())
    assert log.verify() is not None


def test_those_who_write_at_once_stand_in_a_row(database: sa.engine.Engine, log: AccessLog) -> None:
    def write(name: str) -> None:
        for _ in range(10):
            log.write(name, "listed", ["PRP-2222"])

    threads = [threading.Thread(target=write, args=(f"Person {number}",)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    head = log.verify()
    assert head is not None
    assert head.number == 45
