"""Tasks, as they are sent in and out."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import MISSING, AfterValidator, BeforeValidator, Field, StringConstraints
from pydantic_core import PydanticCustomError

from app.schemas.base import NO_NUL, Input, Output

Status = Literal["todo", "doing", "done"]
Priority = Literal["low", "normal", "high"]

PRIORITIES: tuple[Priority, ...] = ("low", "normal", "high")  # a priority is stored as its place, so that it sorts


def _name_of_rank(stored: Any) -> Any:
    return PRIORITIES[stored] if isinstance(stored, int) else stored


def _unique(tags: list[str]) -> list[str]:
    if len(set(tags)) < len(tags):
        raise PydanticCustomError("tags_repeated", "a tag stands here twice")
    return tags


Title = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=NO_NUL)]
Notes = Annotated[str, StringConstraints(max_length=10_000, pattern=NO_NUL)]
Tag = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=40, pattern=NO_NUL)]
Tags = Annotated[list[Tag], Field(max_length=20), AfterValidator(_unique)]


class TaskCreate(Input):
    title: Title
    notes: Notes = ""
    status: Status = "todo"
    priority: Priority = "normal"
    due: date | None = None
    tags: Tags = Field(default=[])


class TaskUpdate(Input):
    """A partial change: what is left out stays as it is, and null is a value for `due` alone."""

    title: Title | MISSING = MISSING
    notes: Notes | MISSING = MISSING
    status: Status | MISSING = MISSING
    priority: Priority | MISSING = MISSING
    due: date | MISSING | None = MISSING
    tags: Tags | MISSING = MISSING


class TaskRead(Output):
    id: UUID
    title: str
    notes: str
    status: Status
    priority: Annotated[Priority, BeforeValidator(_name_of_rank)]
    due: date | None
    tags: list[str]
    version: int
    created_at: datetime
    updated_at: datetime
    completed_at: datetime | None


class TaskPage(Output):
    """A page of tasks; `next` is the cursor of the page after it, null at the end."""

    items: list[TaskRead]
    next: str | None


def columns(body: TaskCreate | TaskUpdate) -> dict[str, Any]:
    """What a body sets, by column."""
    given = body.model_dump()
    if "priority" in given:
        given["priority"] = PRIORITIES.index(given["priority"])
    return given
