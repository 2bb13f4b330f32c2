"""What happened to a user's tasks since a version that the user has seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Connection, Subquery, select, true, union_all

from app.data.errors import Missing
from app.data.tables import removals, tasks, users
from app.data.tasks import SHOWN, TaskRow


@dataclass(frozen=True, kw_only=True)
class Change:
    """The last thing that happened to a task. `task` is None when it was deleted."""

    version: int
    task_id: UUID
    task: TaskRow | None


@dataclass(frozen=True, kw_only=True)
class Changes:
    """One page of them, in the order of their versions.

    With `reset` there is no page: deletions in between are no longer on record, or the version lies in the future,
    as it does when the database was put back to an older state. Everything has to be loaded again.
    """

    newest: int
    reset: bool
    page: Sequence[Change]
    more: bool


def newest(connection: Connection, user_id: UUID) -> int:
    """The version of the last change of all; 0 before the first. Raises Missing."""
    found: int | None = connection.scalar(select(users.c.changes).where(users.c.id == user_id))
    if found is None:
        raise Missing
    return found


def since(connection: Connection, user_id: UUID, version: int, *, limit: int = 100) -> Changes:
    """Up to `limit` changes after `version`: each task once, as it is now. Raises Missing.

    It is one statement, hence one state of the database: a change cannot fall between two looks.
    """
    page = _page(user_id, version, limit)
    query = (
        select(users.c.changes, users.c.forgotten, page.c.version.label("at"), page.c.task_id, *SHOWN)
        .select_from(users.outerjoin(page, true()).outerjoin(tasks, tasks.c.id == page.c.task_id))
        .where(users.c.id == user_id)
        .order_by(page.c.version)
    )
    rows = connection.execute(query).all()
    if not rows:
        raise Missing
    last, forgotten = rows[0].changes, rows[0].forgotten
    if not forgotten <= version <= last:
        return Changes(newest=last, reset=True, page=(), more=False)
    found = [_change(row) for row in rows if row.at is not None]
    return Changes(newest=last, reset=False, page=found, more=len(found) == limit)


def _page(user_id: UUID, version: int, limit: int) -> Subquery:
    changed = select(tasks.c.version, tasks.c.id.label("task_id")).where(
        tasks.c.owner_id == user_id, tasks.c.version > version
    )
    removed = select(removals.c.version, removals.c.task_id).where(
        removals.c.owner_id == user_id, removals.c.version > version
    )
    return union_all(changed, removed).order_by("version").limit(limit).subquery()


def _change(row: TaskRow) -> Change:
    return Change(version=row.at, task_id=row.task_id, task=None if row.id is None else row)
