"""A fresh database for each test of sessions and turns."""

import shutil
from pathlib import Path

import pytest
import sqlalchemy as sa

from prp_guide import database
from prp_guide.chat import Sessions, Turns


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("chat") / "empty.db"
    url = f"sqlite:///{path}"
    database.migrate(url)
    with database.engine(url).connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    return path


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(tmp_path: Path, empty_database: Path, request: pytest.FixtureRequest) -> sa.engine.Engine:
    if request.param == "postgresql":
        return database.engine(request.getfixturevalue("postgresql_database"))
    path = tmp_path / "chat.db"
    shutil.copy(empty_database, path)
    return database.engine(f"sqlite:///{path}")


@pytest.fixture
def sessions(engine: sa.engine.Engine) -> Sessions:
    return Sessions(engine, b"a key of this test")


@pytest.fixture
def turns(engine: sa.engine.Engine) -> Turns:
    return Turns(engine)
