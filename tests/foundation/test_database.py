"""Migrations: a new database, an old one with a copy kept, and a layout that matches the tables in the code."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.util.exc import CommandError

from prp_guide.database import engine, metadata, migrate


def test_the_migrations_give_the_tables_of_the_code(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'new.db'}"
    migrate(url)
    migrate(url)  # harmless when there is nothing to do
    with engine(url).connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    assert [path.name for path in tmp_path.glob("*.before-*")] == []


def test_a_file_that_must_change_is_copied_first(tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    url = f"sqlite:///{path}"
    with engine(url).begin() as connection:
        connection.exec_driver_sql("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)")
        connection.exec_driver_sql("INSERT INTO alembic_version VALUES ('0000')")
    with pytest.raises(CommandError, match="0000"):  # there is no such version; the copy is made before that is seen
        migrate(url)
    (copy,) = tmp_path.glob("old.db.before-*")
    with sa.create_engine(f"sqlite:///{copy}").connect() as connection:
        assert connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar_one() == "0000"


def test_only_the_durable_engine_waits_for_the_disk(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'new.db'}"
    modes = {}
    for durable in (False, True):
        with engine(url, durable=durable).connect() as connection:
            modes[durable] = connection.exec_driver_sql("PRAGMA synchronous").scalar_one()
            assert connection.exec_driver_sql("PRAGMA journal_mode").scalar_one() == "wal"
            assert connection.exec_driver_sql("PRAGMA secure_delete").scalar_one() == 1
    assert modes == {False: 1, True: 2}
