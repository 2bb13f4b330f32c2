"""Tasks that are gone: on record for a while, so that a page that was away learns of it."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import Connection, delete, insert, select, update

from app.data.tables import removals, users

KEPT_REMOVALS = 1_000


def record(connection: Connection, owner_id: UUID, removed: Mapping[UUID, int]) -> None:
    """Puts the removed tasks on record, each with the number of its removal, and forgets the oldest.

    Of each user KEPT_REMOVALS are kept; `users.forgotten` becomes the newest number that is not. At least one
    task must be given, and the user's row be locked, as `next_versions` leaves it.
    """
    rows = [{"owner_id": owner_id, "version": version, "task_id": task_id} for task_id, version in removed.items()]
    connection.execute(insert(removals), rows)
    own = removals.c.owner_id == owner_id
    newest_first = select(removals.c.version).where(own).order_by(removals.c.version.desc())
    forgotten = connection.scalar(newest_first.offset(KEPT_REMOVALS).limit(1))
    if forgotten is not None:
        connection.execute(delete(removals).where(own, removals.c.version <= forgotten))
        connection.execute(update(users).where(users.c.id == owner_id).values(forgotten=forgotten))
