"""Runs migrations on the connection that `app.data.migrating` holds the lock with."""

from __future__ import annotations

from alembic import context

from app.data.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
context.run_migrations()
