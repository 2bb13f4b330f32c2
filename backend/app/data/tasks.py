"""One task at a time: add, read, change, remove. Another user's task is missing."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Row, delete, insert, select, update

from app.data.errors import Missing, Stale
from app.data.ids import time_ordered_id
from app.data.tables import removals, tasks, utc_now
from app.data.users import next_versions

TaskRow = Row[Any]


def add(connection: Connection, owner_id: UUID, fields: Mapping[str, Any]) -> TaskRow:
    """The new task; `fields` holds title, notes, status, priority (a rank), due and tags."""
    (version,) = next_versions(connection, owner_id)
    now = utc_now()
    row = {"id": time_ordered_id(), "owner_id": owner_id, "version": version, "created_at": now, "updated_at": now}
    done = {"completed_at": now if fields["status"] == "done" else None}
    return connection.execute(insert(tasks).values({**row, **done, **fields}).returning(tasks)).one()


def read(connection: Connection, owner_id: UUID, task_id: UUID) -> TaskRow:
    """Raises Missing."""
    row = connection.execute(select(tasks).where(*_own(owner_id, task_id))).one_or_none()
    if row is None:
        raise Missing
    return row


def change(
    connection: Connection,
    owner_id: UUID,
    task_id: UUID,
    fields: Mapping[str, Any],
    *,
    expected: Collection[int] | None = None,
) -> TaskRow:
    """The task with `fields` changed, if its version is one of `expected`. Raises Missing and Stale."""
    (version,) = next_versions(connection, owner_id)  # first, as it holds off every other change of this user
    before = read(connection, owner_id, task_id)
    _require_version(before, expected)
    now = utc_now()
    values = {**fields, "version": version, "updated_at": now}
    if "status" in fields and fields["status"] != before.status:
        values["completed_at"] = now if fields["status"] == "done" else None
    query = update(tasks).where(tasks.c.id == task_id).values(values).returning(tasks)
    return connection.execute(query).one()


def remove(connection: Connection, owner_id: UUID, task_id: UUID, *, expected: Collection[int] | None = None) -> None:
    """Raises Missing and Stale."""
    (version,) = next_versions(connection, owner_id)
    _require_version(read(connection, owner_id, task_id), expected)
    connection.execute(delete(tasks).where(tasks.c.id == task_id))
    connection.execute(insert(removals).values(owner_id=owner_id, version=version, task_id=task_id))


def _own(owner_id: UUID, task_id: UUID) -> tuple[ColumnElement[bool], ...]:
    return tasks.c.id == task_id, tasks.c.owner_id == owner_id


def _require_version(task: TaskRow, expected: Collection[int] | None) -> None:
    if expected is not None and task.version not in expected:
        raise Stale
