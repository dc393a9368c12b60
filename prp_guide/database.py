"""The one database: tables of all owners, engines for readers and writers, migrations.

SQLite in WAL mode by default, PostgreSQL by URL. A plain engine commits without waiting for the disk (a crash of
the machine may lose the last turns of a chat, a crash of a process loses nothing); a `durable` one waits, and is
the only one that may tell a patient that a request is stored.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
from contextlib import closing
from functools import lru_cache
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import OperationalError

from prp_guide import clock
from prp_guide.errors import SetupError
from prp_guide.home import Home

metadata = sa.MetaData()

# Times are UTC, stored as ISO 8601 text with microseconds, so that they sort as text in every engine.
TIME = sa.String(32)

sessions = sa.Table(
    "sessions",
    metadata,
    sa.Column("id", sa.String(40), primary_key=True),
    sa.Column("created", TIME, nullable=False),
    sa.Column("last_seen", TIME, nullable=False, index=True),
    sa.Column("lang", sa.String(2), nullable=False, server_default="en"),
    sa.Column("last_turn", sa.Integer, nullable=False, server_default="0"),
)

# How the ids of sample conversations begin (`prp-guide demo`): patients' ids have no full stop.
SAMPLE = "sample."

turns = sa.Table(
    "turns",
    metadata,
    sa.Column("session", sa.String(40), sa.ForeignKey("sessions.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("client_id", sa.String(64), nullable=True),
    sa.Column("status", sa.String(8), nullable=False),  # running, done, failed
    sa.Column("request", sa.Text, nullable=True),  # redacted
    sa.Column("messages", sa.Text, nullable=True),  # the envelopes as JSON, redacted
    sa.Column("created", TIME, nullable=False, index=True),
    sa.Column("finished", TIME, nullable=True),
    sa.UniqueConstraint("session", "client_id", name="turns_client_id"),
)

feedback = sa.Table(
    "feedback",
    metadata,
    sa.Column("session", sa.String(40), sa.ForeignKey("sessions.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("message", sa.String(40), primary_key=True),
    sa.Column("helpful", sa.Boolean, nullable=False),
    sa.Column("created", TIME, nullable=False),
)

trackers = sa.Table(
    "trackers",
    metadata,
    sa.Column("conversation", sa.String(40), sa.ForeignKey("sessions.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("events", sa.Text, nullable=False),  # Rasa's events as JSON, redacted, the last turns only
    sa.Column("saved", TIME, nullable=False, index=True),
)

drafts = sa.Table(
    "drafts",
    metadata,
    # No foreign key: a draft of `rasa shell` belongs to no session. It expires in any case.
    sa.Column("conversation", sa.String(64), primary_key=True),
    sa.Column("sealed", sa.LargeBinary, nullable=False),  # encrypted
    sa.Column("expires", TIME, nullable=False, index=True),
)

callbacks = sa.Table(
    "callbacks",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("reference", sa.String(12), nullable=False, unique=True),
    sa.Column("created", TIME, nullable=False),
    sa.Column("name", sa.String(120), nullable=False),
    sa.Column("phone", sa.String(20), nullable=False, index=True),  # E.164
    sa.Column("best_time", sa.String(200), nullable=False),
    sa.Column("topic", sa.String(40), nullable=True),
    sa.Column("note", sa.Text, nullable=True),
    sa.Column("lang", sa.String(2), nullable=False, server_default="en"),
    sa.Column("voicemail_ok", sa.Boolean, nullable=True),
    sa.Column("priority", sa.String(8), nullable=False),  # urgent, normal
    sa.Column("status", sa.String(12), nullable=False, index=True),  # open, done
    sa.Column("due", TIME, nullable=True, index=True),
    sa.Column("source", sa.String(8), nullable=False),  # chat, form
    sa.Column("consent", sa.String(40), nullable=False),  # version of the consent sentence shown
    sa.Column("idempotency_key", sa.String(128), nullable=False, unique=True),
    sa.Column("fingerprint", sa.String(64), nullable=False),  # hash of the request that the key came with
    sa.Column("claimed_by", sa.String(80), nullable=True),  # whoever works on it
    sa.Column("claimed_at", TIME, nullable=True),
    sa.Column("sleeps_until", TIME, nullable=True),  # not to be called before
    sa.Column("outcome", sa.String(12), nullable=True),  # of the last call: see prp_guide.frontdesk.outcomes
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),  # calls that reached nobody
    sa.Column("known_patient", sa.Boolean, nullable=True),  # False: new to the clinic; NULL: nobody has said
    sa.Column("sample", sa.Boolean, nullable=False, server_default=sa.false()),  # made by `prp-guide demo`
)

callback_events = sa.Table(
    "callback_events",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("callback", sa.Integer, sa.ForeignKey("callbacks.id", ondelete="CASCADE"), nullable=False, index=True),
    sa.Column("at", TIME, nullable=False),
    sa.Column("actor", sa.String(80), nullable=False),
    sa.Column("event", sa.String(20), nullable=False),  # see prp_guide.frontdesk.callback.Event
    sa.Column("detail", sa.Text, nullable=True),
    sa.Column("before", sa.Text, nullable=True),  # as JSON, how the request stood: what an undo puts back
    sa.Column("once", sa.String(64), nullable=True),  # of the form that asked for it: a repeat acts once
    sa.Index("callback_events_once", "once", unique=True),
)

# What merged into a request that was still open: each has its own key, and keeps what was said.
callback_repeats = sa.Table(
    "callback_repeats",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("callback", sa.Integer, sa.ForeignKey("callbacks.id", ondelete="CASCADE"), nullable=False, index=True),
    sa.Column("at", TIME, nullable=False),
    sa.Column("best_time", sa.String(200), nullable=False),
    sa.Column("note", sa.Text, nullable=True),
    sa.Column("source", sa.String(8), nullable=False),
    sa.Column("consent", sa.String(40), nullable=False),
    sa.Column("idempotency_key", sa.String(128), nullable=False, unique=True),
    sa.Column("fingerprint", sa.String(64), nullable=False),
)

deliveries = sa.Table(
    "deliveries",
    metadata,
    sa.Column("id", sa.String(40), primary_key=True),
    # Nothing of the patient's: what is sent is read from the request when it is sent. NULL for what is of no request.
    sa.Column("callback", sa.Integer, sa.ForeignKey("callbacks.id", ondelete="CASCADE"), nullable=True, index=True),
    sa.Column("event", sa.String(20), nullable=False),  # see prp_guide.frontdesk.outbox
    sa.Column("target", sa.String(80), nullable=False),  # its name in clinic.yml
    sa.Column("status", sa.String(10), nullable=False),  # waiting, sent, dead
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    sa.Column("created", TIME, nullable=False),
    sa.Column("next_attempt", TIME, nullable=False),
    sa.Column("give_up", TIME, nullable=False),
    sa.Column("holder", sa.String(40), nullable=True),  # the attempt under way, of one worker
    sa.Column("held_until", TIME, nullable=True),  # from then on another may take it
    sa.Column("finished", TIME, nullable=True),  # when it was sent or given up
    sa.Column("last_error", sa.Text, nullable=True),
    sa.Index("deliveries_to_do", "target", "status", "next_attempt"),
)

# Moments that are remembered, one a name: see prp_guide.frontdesk.attendance and rounds.
desk_moments = sa.Table(
    "desk_moments",
    metadata,
    sa.Column("name", sa.String(20), primary_key=True),
    sa.Column("at", TIME, nullable=False),
)

# Notes that somebody at the front desk has begun and not added yet.
desk_drafts = sa.Table(
    "desk_drafts",
    metadata,
    sa.Column("id", sa.String(40), primary_key=True),
    sa.Column("callback", sa.Integer, sa.ForeignKey("callbacks.id", ondelete="CASCADE"), nullable=False, index=True),
    sa.Column("user", sa.String(80), nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("saved", TIME, nullable=False, index=True),
)

# Only ever added to: see prp_guide.privacy.access_log.
access_log = sa.Table(
    "access_log",
    metadata,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("at", TIME, nullable=False),
    sa.Column("actor", sa.String(80), nullable=False),
    sa.Column("act", sa.String(20), nullable=False),
    sa.Column("requests", sa.Text, nullable=True),  # references, one blank between two
    sa.Column("detail", sa.Text, nullable=True),  # never a patient's
    sa.Column("mac", sa.String(64), nullable=False),
)

desk_users = sa.Table(
    "desk_users",
    metadata,
    sa.Column("name", sa.String(80), primary_key=True),
    sa.Column("folded", sa.String(160), nullable=False, unique=True),  # so that ana and Ana are one
    sa.Column("role", sa.String(8), nullable=False),  # staff, owner
    sa.Column("password", sa.String(200), nullable=True),  # argon2id; NULL: signs in by link only
    sa.Column("created", TIME, nullable=False),
)

sign_in_links = sa.Table(
    "sign_in_links",
    metadata,
    sa.Column("token_hash", sa.String(64), primary_key=True),
    sa.Column("user", sa.String(80), nullable=False),
    sa.Column("expires", TIME, nullable=False),
    sa.Column("used", TIME, nullable=True),
)

desk_sessions = sa.Table(
    "desk_sessions",
    metadata,
    sa.Column("token_hash", sa.String(64), primary_key=True),
    sa.Column("user", sa.String(80), nullable=False),
    sa.Column("created", TIME, nullable=False),
    sa.Column("last_seen", TIME, nullable=False),
    sa.Column("expires", TIME, nullable=False),
)


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


def migrate(url: str) -> None:
    """Bring the database at `url` to the newest layout, having copied an SQLite file that must change beside itself.

    Any number of processes may do so at once: one does it, all or nothing, and the others wait. Raises SetupError for
    a layout that this version does not know, and when there is no database to be had.
    """
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
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
    try:
        with engine(url, durable=True).connect() as connection:
            found = MigrationContext.configure(connection).get_current_revision()
    except OperationalError as fault:
        why = str(fault.orig).strip().splitlines()[0]
        raise SetupError(f"The database cannot be used: {why}. Check PRP_DATABASE_URL, or the disk.") from None
    return None if found is None else str(found)


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


def sqlite_file(made: sa.engine.Engine) -> Path | None:
    """The file behind the engine `made`, None for another database than SQLite."""
    return Path(str(made.url.database)) if made.dialect.name == "sqlite" else None


def open_database(home: Home, *, durable: bool = False) -> sa.engine.Engine:
    """The engine of this installation."""
    return engine(home.database_url, durable=durable)
