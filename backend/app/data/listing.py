"""Pages of a user's tasks."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Connection, select

from app.data.tables import tasks
from app.data.tasks import TaskRow


def page(
    connection: Connection, owner_id: UUID, *, limit: int, before: UUID | None = None
) -> tuple[Sequence[TaskRow], bool]:
    """Up to `limit` tasks, newest first, and whether there are more."""
    query = select(tasks).where(tasks.c.owner_id == owner_id).order_by(tasks.c.id.desc()).limit(limit + 1)
    if before is not None:
        query = query.where(tasks.c.id < before)
    found = connection.execute(query).all()
    return found[:limit], len(found) > limit
