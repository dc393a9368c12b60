"""Engines for readers and writers."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event

from prp_guide.errors import SetupError
from prp_guide.home import Home


@lru_cache(maxsize=8)
def engine(url: str, *, durable: bool = False) -> sa.engine.Engine:
    """The process's engine for `url`. A `durable` one returns from a commit only when the disk has it."""
    if not url.startswith("sqlite"):
        options = "" if durable else "-c synchronous_commit=off"
        return sa.create_engine(
            postgresql_url(url),
            future=True,
            pool_pre_ping=True,
            hide_parameters=True,
            connect_args={"options": options, "connect_timeout": 5},
        )
    path = Path(url.removeprefix("sqlite:///"))
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    made = sa.create_engine(
        url,
        future=True,
        # SQLAlchemy 1.4 would reopen the file for every transaction, 30 ms here.
        poolclass=sa.pool.QueuePool,
        hide_parameters=True,  # its errors name what was being written, a patient's phone among it
        connect_args={"timeout": 5, "check_same_thread": False},
    )

    def set_pragmas(connection: Any, _record: Any) -> None:
        cursor = connection.cursor()
        for pragma in (
            "journal_mode=WAL",
            "foreign_keys=ON",
            "secure_delete=ON",
            f"synchronous={'FULL' if durable else 'NORMAL'}",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    event.listen(made, "connect", set_pragmas)
    return made


def postgresql_url(url: str) -> str:
    """`url` as SQLAlchemy wants it; hosting services write postgres:// too. Raises SetupError for other databases."""
    scheme, found, rest = url.partition("://")
    if not found or scheme.partition("+")[0] not in ("postgres", "postgresql"):
        raise SetupError(
            "PRP_DATABASE_URL names no database that PRP Guide works with. "
            "Write postgresql://user:password@host/name, or leave it out for SQLite."
        )
    return f"postgresql+psycopg2://{rest}"


def sqlite_file(made: sa.engine.Engine) -> Path | None:
    """The file behind the engine `made`, None for another database than SQLite."""
    return Path(str(made.url.database)) if made.dialect.name == "sqlite" else None


def open_database(home: Home, *, durable: bool = False) -> sa.engine.Engine:
    """The engine of this installation."""
    return engine(home.database_url, durable=durable)
