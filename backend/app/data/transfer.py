"""Tasks that come with a past, many at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, insert, select

from app.data import users
from app.data.ids import time_ordered_id
from app.data.tables import tasks, utc_now
from app.data.tasks import new_row

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Incoming:
    """A task of a document: what it holds, and what is said of its past."""

    task_id: UUID | None
    fields: Mapping[str, Any]
    created_at: datetime | None
    completed_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class Imported:
    created: int
    skipped: int


def bring_in(connection: Connection, owner_id: UUID, incoming: Sequence[Incoming]) -> Imported:
    """Makes the tasks anew, except those whose id is one of the owner's tasks already. Raises Full."""
    users.lock(connection, owner_id)
    wanted = list(_not_there(connection, owner_id, incoming))
    if wanted:
        versions = users.next_versions(connection, owner_id, len(wanted), growth=len(wanted))
        now = utc_now()
        rows = [_row(owner_id, task, version, now) for task, version in zip(wanted, versions, strict=True)]
        connection.execute(insert(tasks), rows)
    return Imported(created=len(wanted), skipped=len(incoming) - len(wanted))


def _not_there(connection: Connection, owner_id: UUID, incoming: Sequence[Incoming]) -> Iterator[Incoming]:
    ids = [task.task_id for task in incoming if task.task_id]
    known = set(connection.scalars(select(tasks.c.id).where(tasks.c.owner_id == owner_id, tasks.c.id.in_(ids))))
    for task in incoming:
        if task.task_id is None:
            yield task
        elif task.task_id not in known:
            known.add(task.task_id)
            yield task


def _row(owner_id: UUID, task: Incoming, version: int, now: datetime) -> dict[str, Any]:
    """Its past is taken from the document where it can be true: after 1970, before now, completed once it was made."""
    made = task.created_at if task.created_at and _EPOCH <= task.created_at <= now else None
    past: dict[str, datetime] = {"created_at": made} if made else {}
    if task.fields["status"] == "done" and task.completed_at:
        past["completed_at"] = min(max(task.completed_at, made or now), now)
    return new_row(owner_id, {**task.fields, **past}, task_id=time_ordered_id(), version=version, now=now)
