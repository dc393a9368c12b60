"""Alembic's way in: runs the versions in the transaction that prp_guide.database.migrate has begun.

All or nothing, and one process at a time: left alone, SQLite's driver would commit each change of a table by itself.
"""

from __future__ import annotations

from alembic import context

from prp_guide.database import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
