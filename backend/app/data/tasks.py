"""One task at a time: add, read, change, remove. Another user's task is missing."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Row, bindparam, delete, insert, select, update

from app.data import removals
from app.data.errors import Missing, Stale
from app.data.ids import time_ordered_id
from app.data.tables import tasks, utc_now
from app.data.users import next_versions
from app.data.words import own_words, sort_key

TaskRow = Row[*tuple[Any, ...]]

SHOWN: tuple[ColumnElement[Any], ...] = (
    tasks.c.id,
    tasks.c.title,
    tasks.c.notes,
    tasks.c.status,
    tasks.c.priority,
    tasks.c.due,
    tasks.c.tags,
    tasks.c.version,
    tasks.c.created_at,
    tasks.c.updated_at,
    tasks.c.completed_at,
)
"""What a TaskRow holds: all but whose it is and what it is sorted and found by."""


# Statements of the requests that come most are made once: to make one and to find out that it was compiled before
# takes longer than SQLite takes to answer it.
_ADD = insert(tasks).returning(*SHOWN)
_READ = select(*SHOWN).where(tasks.c.id == bindparam("task"), tasks.c.owner_id == bindparam("owner"))


def add(connection: Connection, owner_id: UUID, fields: Mapping[str, Any]) -> TaskRow:
    """The new task; `fields` holds title, notes, status, priority (a rank), due and tags. Raises Full."""
    (version,) = next_versions(connection, owner_id, growth=1)
    now = utc_now()
    row = new_row(owner_id, fields, task_id=time_ordered_id(), version=version, now=now)
    return connection.execute(_ADD, row).one()


def new_row(owner_id: UUID, fields: Mapping[str, Any], *, task_id: UUID, version: int, now: datetime) -> dict[str, Any]:
    """Every column of a task that is made now; what `fields` says of when it was made and completed stands."""
    row = {"id": task_id, "owner_id": owner_id, "version": version, "created_at": now, "updated_at": now}
    completed = {"completed_at": now if fields["status"] == "done" else None}
    return {**row, **completed, **fields, **_keys(owner_id, fields)}


def read(connection: Connection, owner_id: UUID, task_id: UUID, *, expected: Collection[int] | None = None) -> TaskRow:
    """The task, if its version is one of `expected`. Raises Missing and Stale."""
    row: TaskRow | None = connection.execute(_READ, {"task": task_id, "owner": owner_id}).one_or_none()
    if row is None:
        raise Missing
    if expected is not None and row.version not in expected:
        raise Stale
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
    before = read(connection, owner_id, task_id, expected=expected)
    now = utc_now()
    values = {**fields, "version": version, "updated_at": now}
    if "status" in fields and fields["status"] != before.status:
        values["completed_at"] = now if fields["status"] == "done" else None
    if not fields.keys().isdisjoint({"title", "notes", "tags"}):
        values |= _keys(owner_id, {**before._mapping, **fields})
    query = update(tasks).where(*_own(owner_id, task_id)).values(values).returning(*SHOWN)
    return connection.execute(query).one()


def remove(connection: Connection, owner_id: UUID, task_id: UUID, *, expected: Collection[int] | None = None) -> None:
    """Raises Missing and Stale."""
    (version,) = next_versions(connection, owner_id, growth=-1)
    read(connection, owner_id, task_id, expected=expected)
    connection.execute(delete(tasks).where(*_own(owner_id, task_id)))
    removals.record(connection, owner_id, {task_id: version})


def _own(owner_id: UUID, task_id: UUID) -> tuple[ColumnElement[bool], ...]:
    return tasks.c.id == task_id, tasks.c.owner_id == owner_id


def _keys(owner_id: UUID, fields: Mapping[str, Any]) -> dict[str, str]:
    words = own_words(owner_id, (fields["title"], fields["notes"], *fields["tags"]))
    return {"title_key": sort_key(fields["title"]), "words": " ".join(words)}
