"""Which of a user's tasks are asked for."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, exists, func, type_coerce
from sqlalchemy.dialects.postgresql import JSONB

from app.data import search
from app.data.tables import tasks


@dataclass(frozen=True, kw_only=True)
class Filters:
    """Every one that is given must hold; without any, all tasks are meant."""

    statuses: Collection[str] = ()
    priorities: Collection[int] = ()
    """Ranks."""
    tags: Collection[str] = ()
    """All of them, each as it is written."""
    due_from: date | None = None
    due_to: date | None = None
    """Both days belong to the range, and a task without a day belongs to none."""
    text: str | None = None

    @property
    def given(self) -> bool:
        return any((self.statuses, self.priorities, self.tags, self.due_from, self.due_to, self.text))

    def conditions(self, dialect: str, owner_id: UUID) -> Iterator[ColumnElement[bool]]:
        if self.statuses:
            yield tasks.c.status.in_(self.statuses)
        if self.priorities:
            yield tasks.c.priority.in_(self.priorities)
        if self.tags:
            yield from _tagged(dialect, self.tags)
        if self.due_from is not None:
            yield tasks.c.due >= self.due_from
        if self.due_to is not None:
            yield tasks.c.due <= self.due_to
        if self.text is not None:
            yield search.holds(dialect, owner_id, self.text)


def _tagged(dialect: str, tags: Collection[str]) -> Iterator[ColumnElement[bool]]:
    if dialect == "postgresql":
        yield type_coerce(tasks.c.tags, JSONB).contains(list(tags))
        return
    for tag in tags:
        each = func.json_each(tasks.c.tags).table_valued("value")
        yield exists().where(each.c.value == tag)
