"""A real database in a folder of its own, a clinic with and without hours, and a clock that stands still."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from prp_guide import clock, database
from prp_guide.clinic import Clinic
from prp_guide.errors import DeskError
from prp_guide.frontdesk import CallbackStore, Inbox, OpeningHours, sign_in
from prp_guide.frontdesk.queue import Counts, Queue
from prp_guide.frontdesk.users import STAFF, Users
from prp_guide.frontdesk.work import Work
from prp_guide.home import Home

WEEK = {**dict.fromkeys(("mon", "wed", "thu", "fri"), "09:00-17:00"), "tue": "09:00-12:00, 13:00-17:00"}
# pytestmark = ON_BOTH: every test of the module runs on either database.
ON_BOTH = pytest.mark.parametrize("home", ["sqlite", "postgresql"], indirect=True)
START = datetime(2026, 11, 23, 18, 0, tzinfo=clock.UTC)  # Monday, 10 am in Los Angeles


class Time:
    """The product's clock, in the test's hand: read `now`, set it to move on."""

    now = START


def make_clinic(**changes: object) -> Clinic:
    fields = {
        "name": "The Clinic",
        "phone": "+13109759785",
        "time_zone": "America/Los_Angeles",
        "hours": WEEK,
    }
    return Clinic.parse_obj({**fields, **changes})


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Time:
    time = Time()
    monkeypatch.setattr(clock, "now", lambda: time.now)
    return time


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty database file in the newest layout, to copy."""
    path = tmp_path_factory.mktemp("migrated") / "prp-guide.db"
    database.migrate(f"sqlite:///{path}")
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return path


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Iterator[Home]:
    """An installation with an empty database: SQLite, or PostgreSQL where a module asks for ON_BOTH."""
    monkeypatch.delenv("PRP_DATABASE_URL", raising=False)
    monkeypatch.delenv("PRP_TODAY", raising=False)
    home = Home(root=tmp_path, state=tmp_path / "var")
    home.state.mkdir()
    if getattr(request, "param", "sqlite") == "sqlite":
        shutil.copy(request.getfixturevalue("migrated"), home.state)
        yield home
        return
    monkeypatch.setenv("PRP_DATABASE_URL", request.getfixturevalue("postgresql_database"))
    yield home


@pytest.fixture
def engine(home: Home) -> sa.engine.Engine:
    return database.open_database(home, durable=True)


@pytest.fixture
def clinic() -> Clinic:
    return make_clinic()


@pytest.fixture
def store(engine: sa.engine.Engine, clinic: Clinic) -> CallbackStore:
    return CallbackStore(engine, OpeningHours(clinic))


@pytest.fixture
def inbox(engine: sa.engine.Engine, clinic: Clinic) -> Inbox:
    return Inbox.of(engine, OpeningHours(clinic))


def work_of(store: CallbackStore) -> Work:
    """What people do with the requests of `store`."""
    return Work(store._engine, store._hours)


def counts_of(store: CallbackStore) -> Counts:
    """How many of the requests of `store` wait, and how many are done."""
    return Queue(store._engine).counts()


def make_link(engine: sa.engine.Engine, user: str = "Ana", role: str = STAFF) -> str:
    """A link for `user`, who is added if need be."""
    users = Users(engine)
    try:
        users.require(user)
    except DeskError:
        users.add(user, role)
    return sign_in.make_link(engine, user)


Moment = Callable[..., datetime]


@pytest.fixture
def local(clinic: Clinic) -> Moment:
    """A moment on the clinic's clock: local(2026, 11, 23, 9)."""
    return lambda *parts: datetime(*parts).replace(tzinfo=clinic.zone)
