"""One thing done to many of a user's tasks, in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Connection, bindparam, delete, select, update

from app.data import removals, users
from app.data.tables import tasks, utc_now


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """Both in the order in which the tasks were named."""

    done: Sequence[UUID]
    missing: Sequence[UUID]


def complete(connection: Connection, owner_id: UUID, ids: Sequence[UUID]) -> Outcome:
    """Completes tasks; each that was open takes a number of its own, and one that was done stays as it is."""
    status = _status_of(connection, owner_id, ids)
    still_open = [task_id for task_id in ids if status.get(task_id, "done") != "done"]
    if still_open:
        versions = users.next_versions(connection, owner_id, len(still_open))
        now = utc_now()
        query = update(tasks).where(tasks.c.id == bindparam("task_id"))
        query = query.values(version=bindparam("new_version"), status="done", updated_at=now, completed_at=now)
        numbered = zip(still_open, versions, strict=True)
        connection.execute(query, [{"task_id": task_id, "new_version": version} for task_id, version in numbered])
    return _outcome(ids, status)


def remove(connection: Connection, owner_id: UUID, ids: Sequence[UUID]) -> Outcome:
    """Deletes tasks; each removal takes a number of its own."""
    status = _status_of(connection, owner_id, ids)
    outcome = _outcome(ids, status)
    if outcome.done:
        count = len(outcome.done)
        versions = users.next_versions(connection, owner_id, count, growth=-count)
        connection.execute(delete(tasks).where(tasks.c.owner_id == owner_id, tasks.c.id.in_(outcome.done)))
        removals.record(connection, owner_id, dict(zip(outcome.done, versions, strict=True)))
    return outcome


def _status_of(connection: Connection, owner_id: UUID, ids: Sequence[UUID]) -> dict[UUID, str]:
    """Of the tasks that are there, which stay as they are until the transaction is over."""
    users.lock(connection, owner_id)
    query = select(tasks.c.id, tasks.c.status).where(tasks.c.owner_id == owner_id, tasks.c.id.in_(ids))
    return {row.id: row.status for row in connection.execute(query)}


def _outcome(ids: Sequence[UUID], there: dict[UUID, str]) -> Outcome:
    return Outcome(
        done=[task_id for task_id in ids if task_id in there],
        missing=[task_id for task_id in ids if task_id not in there],
    )
