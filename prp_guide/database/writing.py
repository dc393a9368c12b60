"""What writers of all tables share, in SQLite and PostgreSQL alike."""

from __future__ import annotations

import hashlib
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from prp_guide import clock


def hold(connection: Any, name: str) -> None:
    """Begin `connection`'s transaction by waiting until no other holds `name`; the transaction's end lets it go.

    SQLite has one lock for all names. Whoever reads before writing needs it: SQLite refuses to write after a read
    of what has changed since, and PostgreSQL would let two do the same at once.
    """
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    else:
        number = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big", signed=True)
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(number)))


def put(connection: Any, table: sa.Table, keys: dict[str, Any], values: dict[str, Any]) -> None:
    """Set `values` in the row of `table` with `keys`, its unique ones, or make that row; whoever else does the same."""
    insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    statement = insert(table).values(**keys, **values)
    connection.execute(statement.on_conflict_do_update(index_elements=list(keys), set_=values))


def stamp(moment: Any = None) -> str:
    """`moment` (default: now), an aware datetime, as the tables keep it."""
    value = moment or clock.now()
    return str(value.astimezone(clock.UTC).isoformat(timespec="microseconds"))
