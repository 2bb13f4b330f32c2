"""Lists of tasks: what may be asked, and a page of the answer."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Annotated, Any, Literal, cast

from pydantic import ConfigDict, Field, StringConstraints, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError, to_json

from app.data.filters import Filters
from app.data.listing import By, Order, Position
from app.data.tasks import TaskRow
from app.schemas.base import NO_NUL, Day, Input, Output
from app.schemas.cursors import read_cursor
from app.schemas.tasks import MAX_TAGS, PRIORITIES, Priority, Status, Tag, TaskRead

MAX_PAGE = 100
FIELDS = tuple(TaskRead.model_fields)  # in the order of a TaskRow

Sort = Literal["created", "-created", "updated", "-updated", "due", "-due", "priority", "-priority", "title", "-title"]


class TaskQuery(Input):
    """A parameter that it does not name is refused: a mistyped filter would show too much."""

    model_config = ConfigDict(frozen=True)

    status: Annotated[list[Status], Field(default=[], description="Any of these", max_length=3)]
    priority: Annotated[list[Priority], Field(default=[], description="Any of these", max_length=3)]
    tag: Annotated[list[Tag], Field(description="All of these, written alike", max_length=MAX_TAGS, default=[])]
    due_from: Annotated[Day | None, Field(description="Due on this day or later")] = None
    due_to: Annotated[Day | None, Field(description="Due on this day or earlier")] = None
    q: Annotated[
        str | None,
        StringConstraints(min_length=1, max_length=200, pattern=NO_NUL),
        Field(description="Each word of it begins a word of the title, the notes or a tag, whatever case and accents"),
    ] = None
    sort: Annotated[Sort, Field(description="`-` for descending. Tasks that are due on no day go last both ways")] = (
        "-created"
    )
    limit: Annotated[int, Field(ge=1, le=MAX_PAGE)] = 20
    cursor: Annotated[
        str | None,
        StringConstraints(max_length=2_000, pattern=r"^[A-Za-z0-9_-]+$"),
        Field(description="`next` of the page before, with the same `sort`"),
    ] = None

    @field_validator("cursor")
    @classmethod
    def _fits(cls, cursor: str | None, info: ValidationInfo) -> str | None:
        if cursor is not None and "sort" in info.data:
            try:
                read_cursor(cursor, _order(info.data["sort"]))
            except ValueError:
                raise PydanticCustomError("cursor", "is not the cursor of a page of this list") from None
        return cursor

    @cached_property
    def order(self) -> Order:
        return _order(self.sort)

    @cached_property
    def after(self) -> Position | None:
        return None if self.cursor is None else read_cursor(self.cursor, self.order)

    @cached_property
    def filters(self) -> Filters:
        return Filters(
            statuses=self.status,
            priorities=[PRIORITIES.index(name) for name in self.priority],
            tags=self.tag,
            due_from=self.due_from,
            due_to=self.due_to,
            text=self.q,
        )


class TaskPage(Output):
    """A page of tasks; `next` is the cursor of the page after it, null at the end."""

    items: list[TaskRead]
    next: str | None


def write_page(rows: Sequence[TaskRow], following: str | None) -> bytes:
    """The JSON of a TaskPage of these rows.

    They come from the database, which holds nothing that was not validated on its way in: to make models of them first
    would take longer than all the rest of it.
    """
    return to_json({"items": [_written(row) for row in rows], "next": following})


def _written(row: TaskRow) -> dict[str, Any]:
    fields = dict(zip(FIELDS, row))  # noqa: B905 - a row that is sorted by its title holds the key of that as well
    fields["priority"] = PRIORITIES[fields["priority"]]
    return fields


def _order(sort: Sort) -> Order:
    return Order(by=cast(By, sort.removeprefix("-")), descending=sort.startswith("-"))
