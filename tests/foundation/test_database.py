"""Migrations: a new database, an old one with a copy kept, and a layout that matches the tables in the code."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext

from prp_guide.database import back_up, engine, hold, layout, metadata, migrate, postgresql_url
from prp_guide.errors import SetupError
from prp_guide.home import PROJECT_ROOT
from tests.support.machine import free_ports
from tests.support.postgresql import fresh_database

FIRST_REQUEST = """
INSERT INTO callbacks (reference, created, name, phone, best_time, lang, priority, status, source, consent,
                       idempotency_key, fingerprint)
VALUES ('PRP-2345', '2026-11-01T00:00:00.000000+00:00', 'Jo', '+13105550147', 'noon', 'en', 'normal', 'open', 'form',
        'callback-1', 'a key', 'f')
"""


def make_first_layout(url: str) -> None:
    """A database as the first version left it, with a request in it."""
    config = Config()
    config.set_main_option("script_location", str(PROJECT_ROOT / "prp_guide" / "migrations"))
    with engine(url, durable=True).begin() as connection:
        hold(connection, "migrations")
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        connection.exec_driver_sql(FIRST_REQUEST)


def layout_of(url: str) -> str:
    with engine(url).connect() as connection:
        return str(connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar_one())


def test_the_migrations_give_the_tables_of_the_code(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'new.db'}"
    migrate(url)
    migrate(url)  # harmless when there is nothing to do
    with engine(url).connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    assert [path.name for path in tmp_path.glob("*.before-*")] == []


def test_on_postgresql_too(postgresql: str) -> None:
    with fresh_database(postgresql) as url:
        make_first_layout(url)
        migrate(url)
        migrate(url)
        with engine(url).connect() as connection:
            assert compare_metadata(MigrationContext.configure(connection), metadata) == []
            assert connection.exec_driver_sql("SELECT name FROM callbacks").scalar_one() == "Jo"
        for durable in (False, True):
            engine(url, durable=durable).dispose()


def test_a_file_that_must_change_is_copied_first(tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    url = f"sqlite:///{path}"
    make_first_layout(url)
    # A connection that stays open keeps what is new in the WAL file: a plain copy of the file would lack it.
    with engine(url).connect() as reader:
        assert reader.exec_driver_sql("SELECT count(*) FROM callbacks").scalar_one() == 1
        migrate(url)
    assert layout_of(url) == "0004"
    (copy,) = tmp_path.glob("old.db.before-*")
    assert copy.name == "old.db.before-0004"
    assert copy.stat().st_mode & 0o777 == 0o600
    with closing(sqlite3.connect(copy)) as connection:
        assert connection.execute("SELECT version_num FROM alembic_version").fetchone() == ("0001",)
        assert connection.execute("SELECT name FROM callbacks").fetchone() == ("Jo",)
    for where in (url, f"sqlite:///{copy}"):
        assert engine(where).connect().exec_driver_sql("PRAGMA integrity_check").scalar_one() == "ok"
    migrate(f"sqlite:///{copy}")  # the copy is a whole database: it can take the place of the other


def test_a_copy_that_cannot_be_made_stops_the_change(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "old.db"
    make_first_layout(f"sqlite:///{path}")

    def full(*_: object) -> None:
        raise OSError("No space left on device")

    with monkeypatch.context() as broken:
        broken.setattr(layout.os, "fsync", full)
        with pytest.raises(SetupError, match=r"No space left.*nothing was changed.*Make room"):
            migrate(f"sqlite:///{path}")
    assert layout_of(f"sqlite:///{path}") == "0001"
    assert list(tmp_path.glob("old.db.before-*")) == []


def test_a_copy_replaces_an_unfinished_one(tmp_path: Path) -> None:
    path, target = tmp_path / "old.db", tmp_path / "copy"
    make_first_layout(f"sqlite:///{path}")
    target.with_name("copy.part").write_bytes(b"half of something")
    back_up(path, target)
    assert sorted(found.name for found in tmp_path.iterdir() if found.name.startswith("copy")) == ["copy"]


def test_a_damaged_file_is_not_changed(tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    url = f"sqlite:///{path}"
    make_first_layout(url)
    with engine(url).connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        page = connection.exec_driver_sql("SELECT rootpage FROM sqlite_master WHERE name = 'turns'").scalar_one()
        size = connection.exec_driver_sql("PRAGMA page_size").scalar_one()
    broken = tmp_path / "broken.db"
    shutil.copy(path, broken)
    with broken.open("r+b") as file:
        file.seek((page - 1) * size)
        file.write(b"\xff" * 100)
    with pytest.raises(SetupError, match=r"damaged|could not be copied"):
        migrate(f"sqlite:///{broken}")
    assert list(tmp_path.glob("broken.db.before-*")) == []


def test_a_newer_layout_is_left_alone(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'newer.db'}"
    migrate(url)
    with engine(url).begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(SetupError, match="layout 9999, of a newer PRP Guide"):
        migrate(url)
    assert layout_of(url) == "9999"


def test_processes_that_start_at_once_migrate_once(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'old.db'}"
    make_first_layout(url)
    code = "import sys; from prp_guide.database import migrate; migrate(sys.argv[1])"
    starts = [subprocess.Popen([sys.executable, "-W", "ignore", "-c", code, url]) for _ in range(4)]
    try:
        assert [start.wait(60) for start in starts] == [0] * 4
    finally:
        for start in starts:
            start.kill()
            start.wait(10)
    assert layout_of(url) == "0004"
    with closing(sqlite3.connect(tmp_path / "old.db.before-0004")) as connection:
        assert connection.execute("SELECT version_num FROM alembic_version").fetchone() == ("0001",)


def test_only_the_durable_engine_waits_for_the_disk(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'new.db'}"
    modes = {}
    for durable in (False, True):
        with engine(url, durable=durable).connect() as connection:
            modes[durable] = connection.exec_driver_sql("PRAGMA synchronous").scalar_one()
            assert connection.exec_driver_sql("PRAGMA journal_mode").scalar_one() == "wal"
            assert connection.exec_driver_sql("PRAGMA secure_delete").scalar_one() == 1
    assert modes == {False: 1, True: 2}


def test_only_the_durable_engine_waits_on_postgresql(postgresql: str) -> None:
    with fresh_database(postgresql) as url:
        for durable, waits in ((False, "off"), (True, "on")):
            made = engine(url, durable=durable)
            with made.connect() as connection:
                assert connection.execute(sa.text("SHOW synchronous_commit")).scalar_one() == waits
            made.dispose()


def test_a_server_that_is_not_there() -> None:
    (port,) = free_ports(1)
    with pytest.raises(SetupError, match=r"The database cannot be used: .*Check PRP_DATABASE_URL") as fault:
        migrate(f"postgresql://u:secret@127.0.0.1:{port}/d")
    assert "secret" not in str(fault.value)


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg2"])
def test_addresses_of_postgresql(scheme: str) -> None:
    assert postgresql_url(f"{scheme}://u:p@h/d") == "postgresql+psycopg2://u:p@h/d"


@pytest.mark.parametrize("url", ["mysql://u:secret@h/d", "secret", "postgresql"])
def test_addresses_of_no_database_that_we_know(url: str) -> None:
    with pytest.raises(SetupError, match="PRP_DATABASE_URL") as fault:
        engine(url)
    assert "secret" not in str(fault.value)
