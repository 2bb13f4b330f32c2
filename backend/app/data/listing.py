"""Pages of a user's tasks, in any order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Select, literal, select, tuple_

from app.data.filters import Filters
from app.data.tables import tasks
from app.data.tasks import SHOWN, TaskRow

By = Literal["created", "updated", "due", "priority", "title"]

# Each has an index with the owner before it and the id after it. Ids sort by when a task was made, and the number of
# a user's change is the task's version.
_KEYS: Mapping[By, ColumnElement[Any]] = {
    "created": tasks.c.id,
    "updated": tasks.c.version,
    "due": tasks.c.due,
    "priority": tasks.c.priority,
    "title": tasks.c.title_key,
}


@dataclass(frozen=True, kw_only=True)
class Order:
    """Tasks that are equal go by when they were made, and those that are due on no day go last, both ways."""

    by: By
    descending: bool


@dataclass(frozen=True, kw_only=True)
class Position:
    """Where a page ended: the last task and what it was sorted by. It stays a place when that task is gone."""

    key: UUID | date | int | str | None
    task_id: UUID


NEWEST_FIRST = Order(by="created", descending=True)
ALL = Filters()


def page(
    connection: Connection,
    owner_id: UUID,
    *,
    limit: int,
    order: Order = NEWEST_FIRST,
    after: Position | None = None,
    filters: Filters = ALL,
) -> tuple[Sequence[TaskRow], Position | None]:
    """Up to `limit` tasks that follow `after`, and where the page ended if there are more."""
    own = (tasks.c.owner_id == owner_id, *filters.conditions(connection.dialect.name, owner_id))
    found: list[TaskRow] = []
    for part in _parts(order, after):
        if len(found) <= limit:
            found += connection.execute(part.where(*own).limit(limit + 1 - len(found))).all()
    if len(found) <= limit:
        return found, None
    last = found[limit - 1]
    return found[:limit], Position(key=last.key, task_id=last.id)


def _parts(order: Order, after: Position | None) -> Iterator[Select[Any]]:
    """The list in one part, or in two where the second is of the tasks that are due on no day.

    No database sorts those last both ways by an index.
    """
    key = _KEYS[order.by]
    columns = [tasks.c.id] if key is tasks.c.id else [key, tasks.c.id]
    start = None if after is None else [after.key, after.task_id][-len(columns) :]
    if key is not tasks.c.due:
        yield _part(key, columns, start, descending=order.descending)
        return
    if after is None or after.key is not None:
        yield _part(key, columns, start, descending=order.descending).where(key.is_not(None))
        start = None
    yield _part(key, [tasks.c.id], start and start[1:], descending=order.descending).where(key.is_(None))


def _part(
    key: ColumnElement[Any], columns: Sequence[ColumnElement[Any]], start: Sequence[Any] | None, *, descending: bool
) -> Select[Any]:
    query = select(*SHOWN, key.label("key"))
    query = query.order_by(*(column.desc() if descending else column for column in columns))
    if start is None:
        return query
    here, there = tuple_(*columns), tuple_(*map(literal, start, (column.type for column in columns)))
    return query.where(here < there if descending else here > there)
