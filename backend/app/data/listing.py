"""Pages of a user's tasks, in any order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import Column, Connection, Select, bindparam, select, tuple_

from app.data import sessions
from app.data.filters import Filters
from app.data.tables import tasks
from app.data.tasks import SHOWN, TaskRow

By = Literal["created", "updated", "due", "priority", "title"]

# Each has an index with the owner before it and the id after it, except for the version, which no two tasks of a user
# have in common. In the order of ids alone PostgreSQL would walk through everybody's tasks.
_KEYS: Mapping[By, Column[Any]] = {
    "created": tasks.c.created_at,
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

    key: datetime | date | int | str | None
    task_id: UUID


OLDEST_FIRST = Order(by="created", descending=False)
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
    session_id: UUID | None = None,
) -> tuple[Sequence[TaskRow], Position | None]:
    """Up to `limit` tasks that follow `after`, and where the page ended if there are more.

    With `session_id` only while that session of the owner is there, which is asked in the same statement. Raises
    SessionEnded.
    """
    conditions = tuple(filters.conditions(connection.dialect.name, owner_id))
    found: list[TaskRow] = []
    values = {"user": owner_id, "session": session_id, **_start(after)}
    for part in _parts(order, after, held=session_id is not None):
        if len(found) <= limit:
            values["most"] = limit + 1 - len(found)
            found += connection.execute(part.where(*conditions) if conditions else part, values).all()
    if session_id is not None and not found:  # which may have either reason
        sessions.require(connection, session_id, owner_id)
    if len(found) <= limit:
        return found, None
    last = found[limit - 1]
    return found[:limit], Position(key=getattr(last, _KEYS[order.by].name), task_id=last.id)


def _start(after: Position | None) -> dict[str, Any]:
    return {} if after is None else {"key": after.key, "task": after.task_id}


def _parts(order: Order, after: Position | None, *, held: bool) -> Iterator[Select[Any]]:
    """The list in one part, or in two where the second is of the tasks that are due on no day.

    No database sorts those last both ways by an index.
    """
    if order.by != "due":
        yield _part(order, held=held, begins=after is None)
        return
    if after is None or after.key is not None:
        yield _part(order, held=held, begins=after is None).where(tasks.c.due.is_not(None))
    begins = after is None or after.key is not None
    yield _part(order, held=held, begins=begins, by_key=False).where(tasks.c.due.is_(None))


@cache
def _part(order: Order, *, held: bool, begins: bool, by_key: bool = True) -> Select[Any]:
    """The tasks of `user`, `most` at most, that follow `key` and `task` unless it begins; those of a held `session`.

    Made once: to make it and to find out that it was compiled before takes longer than SQLite takes to answer it.
    """
    key = _KEYS[order.by]
    columns = [key, tasks.c.id] if by_key else [tasks.c.id]
    query = (
        select(*SHOWN, *((key,) if order.by == "title" else ()))
        .where(tasks.c.owner_id == bindparam("user"), *((sessions.HELD,) if held else ()))
        .limit(bindparam("most"))
    )
    query = query.order_by(*(column.desc() if order.descending else column for column in columns))
    if begins:
        return query
    names = ("key", "task")[-len(columns) :]
    start = [bindparam(name, type_=column.type) for name, column in zip(names, columns, strict=True)]
    here, there = tuple_(*columns), tuple_(*start)
    return query.where(here < there if order.descending else here > there)
