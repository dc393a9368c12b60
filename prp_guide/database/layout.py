"""Bringing a database to the newest layout, with a copy of what was there before."""

from __future__ import annotations

import logging
import os
import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy.exc import OperationalError

from prp_guide.database.engines import engine
from prp_guide.database.writing import hold
from prp_guide.errors import SetupError

MIGRATIONS = Path(__file__).parents[1] / "migrations"


def migrate(url: str) -> None:
    """Bring the database at `url` to the newest layout, having copied an SQLite file that must change beside itself.

    Any number of processes may do so at once: one does it, all or nothing, and the others wait. Raises SetupError for
    a layout that this version does not know, and when there is no database to be had.
    """
    # Here, for most processes change no layout. It tells of each of its plugins and of the kind of database.
    logging.getLogger("alembic").setLevel(logging.WARNING)
    from alembic import command
    from alembic.config import Config
    from alembic.runtime.migration import MigrationContext
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    script = ScriptDirectory.from_config(config)
    newest = str(script.get_current_head())
    if _layout(url) == newest:
        return
    with engine(url, durable=True).begin() as connection:
        hold(connection, "migrations")
        present = MigrationContext.configure(connection).get_current_revision()
        if present == newest:
            return
        if present is not None and present not in {version.revision for version in script.walk_revisions()}:
            raise SetupError(
                f"The database has the layout {present}, of a newer PRP Guide than this one, which knows {newest}. "
                f"Install the newer version again, or put back the copy that it made (prp-guide.db.before-{present})."
            )
        path = Path(url.removeprefix("sqlite:///"))
        if url.startswith("sqlite") and present is not None:
            back_up(path, path.with_name(f"{path.name}.before-{newest}"))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def back_up(source: Path, target: Path) -> None:
    """A copy of the SQLite file `source`, whole even while others write, that only its owner can read.

    `target` has its name only when it is complete, proved and on the disk. Raises SetupError when it cannot be made.
    """
    part = target.with_name(f"{target.name}.part")
    part.unlink(missing_ok=True)
    part.touch(mode=0o600)
    try:
        with closing(sqlite3.connect(source)) as read, closing(sqlite3.connect(part)) as written:
            read.backup(written)
            written.execute("PRAGMA journal_mode=DELETE")  # one file, with nothing beside it
            (verdict,) = written.execute("PRAGMA integrity_check").fetchone()
        if verdict != "ok":
            raise SetupError(f"The copy of {source} is damaged ({verdict}), so nothing was changed.")
        with part.open("rb") as file:
            os.fsync(file.fileno())
    except (sqlite3.Error, OSError) as fault:
        part.unlink(missing_ok=True)
        raise SetupError(
            f"{source} could not be copied ({fault}); nothing was changed. Make room on the disk, then try again."
        ) from None
    part.replace(target)
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _layout(url: str) -> str | None:
    from alembic.runtime.migration import MigrationContext

    try:
        with engine(url, durable=True).connect() as connection:
            found = MigrationContext.configure(connection).get_current_revision()
    except OperationalError as fault:
        why = str(fault.orig).strip().splitlines()[0]
        raise SetupError(f"The database cannot be used: {why}. Check PRP_DATABASE_URL, or the disk.") from None
    return None if found is None else str(found)
