"""The one database: SQLite in WAL mode by default, PostgreSQL by URL.

A plain engine commits without waiting for the disk (a crash of the machine may lose the last turns of a chat, a crash
of a process loses nothing); a `durable` one waits, and alone may tell a patient that a request is stored.
"""

from prp_guide.database.engines import engine, open_database, postgresql_url, sqlite_file
from prp_guide.database.layout import back_up, migrate
from prp_guide.database.tables import (
    SAMPLE,
    TIME,
    access_log,
    callback_events,
    callback_repeats,
    callbacks,
    deliveries,
    desk_drafts,
    desk_moments,
    desk_sessions,
    desk_users,
    drafts,
    feedback,
    metadata,
    sessions,
    sign_in_links,
    trackers,
    turns,
)
from prp_guide.database.writing import hold, put, stamp

__all__ = [
    "SAMPLE",
    "TIME",
    "access_log",
    "back_up",
    "callback_events",
    "callback_repeats",
    "callbacks",
    "deliveries",
    "desk_drafts",
    "desk_moments",
    "desk_sessions",
    "desk_users",
    "drafts",
    "engine",
    "feedback",
    "hold",
    "metadata",
    "migrate",
    "open_database",
    "postgresql_url",
    "put",
    "sessions",
    "sign_in_links",
    "sqlite_file",
    "stamp",
    "trackers",
    "turns",
]
