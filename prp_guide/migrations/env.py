"""Alembic's way in: runs the versions on the database that prp_guide.database.migrate names."""

from __future__ import annotations

from alembic import context

from prp_guide.database import engine, metadata

url = context.config.get_main_option("sqlalchemy.url")
with engine(url, durable=True).begin() as connection:
    context.configure(connection=connection, target_metadata=metadata, render_as_batch=True)
    with context.begin_transaction():
        context.run_migrations()
