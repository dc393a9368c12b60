"""How long things are kept, and that what was removed is gone from the disk as well."""

from __future__ import annotations

import logging
import os
import sqlite3
import time
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import sqlalchemy as sa

from prp_guide import clock
from prp_guide.database import callbacks, sessions, sqlite_file, stamp

HOLD_PERSONAL = (
    "sessions",
    "turns",
    "trackers",
    "drafts",
    "callbacks",
    "callback_events",
    "callback_repeats",
    "desk_drafts",
)
WIPE_WITHIN = 0.5  # seconds that a checkpoint waits for readers: a patient waits behind it

log = logging.getLogger(__name__)


def purge_conversations(engine: sa.engine.Engine, days: int) -> int:
    """Remove every conversation without a message for `days`, and all that belongs to it; returns how many."""
    oldest = stamp(clock.now() - timedelta(days=days))
    with engine.begin() as connection:
        return int(connection.execute(sessions.delete().where(sessions.c.last_seen < oldest)).rowcount)


def wipe(engine: sa.engine.Engine, *, whole: bool = False) -> bool:
    """Take what was deleted off the disk: SQLite's write-ahead log is emptied, and with `whole` the file written anew.

    False when somebody is reading just now; then it is worth another try. PostgreSQL writes its tables anew when
    `whole`; its own write-ahead log is the administrator's.
    """
    path = sqlite_file(engine)
    if path is None:
        if whole:
            return _wipe_postgresql(engine)
        return True
    with closing(sqlite3.connect(path, timeout=WIPE_WITHIN, isolation_level=None)) as own:
        try:
            own.execute("PRAGMA secure_delete=ON")
            if whole:
                own.execute("VACUUM")
            busy = bool(own.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0])
        except sqlite3.OperationalError:
            return False
    return not busy


def _wipe_postgresql(engine: sa.engine.Engine) -> bool:
    with engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT")
        try:
            connection.exec_driver_sql("SET lock_timeout = '2s'")
            connection.exec_driver_sql(f"VACUUM FULL {', '.join(HOLD_PERSONAL)}")
        except sa.exc.OperationalError:
            return False
        finally:
            connection.exec_driver_sql("RESET lock_timeout")
    return True


def wipe_soon(engine: sa.engine.Engine, *, whole: bool = False, seconds: float = 10.0) -> bool:
    """`wipe`, tried again for so long. False, and a line in the log, when it never came to it."""
    give_up = time.monotonic() + seconds
    while not wipe(engine, whole=whole):
        if time.monotonic() > give_up:
            log.warning("What was erased is not off the disk yet, the database being busy. The next hour tries again.")
            return False
        time.sleep(0.2)
    return True


def clear_copies(engine: sa.engine.Engine, days: int) -> int:
    """Bring the copies that were made before a change of layout into line with the database; returns how many went.

    Copies older than `days` go altogether; from the others goes what is no longer in the database.
    """
    path = sqlite_file(engine)
    if path is None:
        return 0
    removed = 0
    oldest = time.time() - days * 86_400
    for copy in path.parent.glob(f"{path.name}.before-*"):
        if copy.stat().st_mtime < oldest or copy.suffix == ".part":
            copy.unlink(missing_ok=True)
            removed += 1
        else:
            try:
                _follow(copy, engine)
            except sqlite3.Error as fault:  # damaged, or of a layout older than these tables
                log.warning("%s cannot be cleared (%s): remove it.", copy.name, type(fault).__name__)
    return removed


def _follow(copy: Path, engine: sa.engine.Engine) -> None:
    changed = copy.stat().st_mtime
    with engine.connect() as connection:
        kept = {
            "sessions": ("id", set(connection.execute(sa.select(sessions.c.id)).scalars())),
            "callbacks": ("reference", set(connection.execute(sa.select(callbacks.c.reference)).scalars())),
        }
    with closing(sqlite3.connect(copy, isolation_level=None)) as connection_to_copy:
        connection_to_copy.execute("PRAGMA foreign_keys=ON")
        connection_to_copy.execute("PRAGMA secure_delete=ON")
        connection_to_copy.execute("DELETE FROM drafts")  # they lived half an hour
        gone = 0
        for table, (column, here) in kept.items():
            there = [value for (value,) in connection_to_copy.execute(f"SELECT {column} FROM {table}")]  # noqa: S608
            lost = [(value,) for value in there if value not in here]
            connection_to_copy.executemany(f"DELETE FROM {table} WHERE {column} = ?", lost)  # noqa: S608
            gone += len(lost)
        if gone:
            connection_to_copy.execute("VACUUM")
    # Its age is that of the copy, not of our last look at it.
    os.utime(copy, (changed, changed))
