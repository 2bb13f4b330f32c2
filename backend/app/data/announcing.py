"""How every replica learns that there is news for a user, through the database that they share."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import Connection, func, select

CHANNEL = "task_changes"


def announce(connection: Connection, user_id: UUID) -> None:
    """Wakes the user's streams in every replica once this transaction is committed. With SQLite there is but one."""
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_notify(CHANNEL, str(user_id))))
