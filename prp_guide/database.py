"""The one database: tables of all owners, engines for readers and writers, migrations.

SQLite in WAL mode by default, PostgreSQL by URL. A plain engine commits without waiting for the disk (a crash of
the machine may lose the last turns of a chat, a crash of a process loses nothing); a `durable` one waits, and is
the only one that may tell a patient that a request is stored.
"""

from __future__ import annotations

import shutil
from functools import lru_cache
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import event

from prp_guide import clock
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
)

callback_events = sa.Table(
    "callback_events",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("callback", sa.Integer, sa.ForeignKey("callbacks.id", ondelete="CASCADE"), nullable=False, index=True),
    sa.Column("at", TIME, nullable=False),
    sa.Column("actor", sa.String(80), nullable=False),
    sa.Column("event", sa.String(20), nullable=False),  # created, done, reopened
    sa.Column("detail", sa.Text, nullable=True),
)

deliveries = sa.Table(
    "deliveries",
    metadata,
    sa.Column("id", sa.String(40), primary_key=True),
    sa.Column("callback", sa.Integer, sa.ForeignKey("callbacks.id", ondelete="CASCADE"), nullable=False, index=True),
    sa.Column("target", sa.String(80), nullable=False),
    sa.Column("status", sa.String(10), nullable=False, index=True),  # waiting, sent, dead
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    sa.Column("next_attempt", TIME, nullable=True, index=True),
    sa.Column("last_error", sa.Text, nullable=True),
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
        return sa.create_engine(url, future=True, pool_pre_ping=True, hide_parameters=True)
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


def migrate(url: str) -> None:
    """Bring the database at `url` to the newest layout, having copied an SQLite file that must change beside itself."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    newest = ScriptDirectory.from_config(config).get_current_head()
    with engine(url, durable=True).connect() as connection:
        present = MigrationContext.configure(connection).get_current_revision()
    if present == newest:
        return
    path = Path(url.removeprefix("sqlite:///"))
    if url.startswith("sqlite") and present is not None and path.exists():
        with engine(url).connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        shutil.copy2(path, path.with_name(f"{path.name}.before-{newest}"))
    command.upgrade(config, "head")


def stamp(moment: Any = None) -> str:
    """`moment` (default: now), an aware datetime, as the tables keep it."""
    value = moment or clock.now()
    return str(value.astimezone(clock.UTC).isoformat(timespec="microseconds"))


def open_database(home: Home, *, durable: bool = False) -> sa.engine.Engine:
    """The engine of this installation."""
    return engine(home.database_url, durable=durable)
