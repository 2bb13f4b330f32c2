"""Tasks, as they are sent in and out."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import MISSING, AfterValidator, BeforeValidator, ConfigDict, Field, StringConstraints
from pydantic_core import PydanticKnownError

from app.schemas.base import NO_NUL, Day, Input, Output

Status = Literal["todo", "doing", "done"]
Priority = Literal["low", "normal", "high"]

PRIORITIES: tuple[Priority, ...] = ("low", "normal", "high")  # a priority is stored as its place, so that it sorts
SAYS_SOMETHING = r"^[^\x00]*[^\s\x00][^\x00]*$"
MAX_TAGS = 20


def _name_of_rank(stored: Any) -> Any:
    return PRIORITIES[stored] if isinstance(stored, int) else stored


def _unique(tags: list[str]) -> list[str]:
    return list(dict.fromkeys(tags))


def _at_most(length: int) -> BeforeValidator:
    """With the spaces around it, which go later: what the API's document says is said of what is sent."""

    def measured(text: Any) -> Any:
        if isinstance(text, str) and len(text) > length:
            raise PydanticKnownError("string_too_long", {"max_length": length})
        return text

    return BeforeValidator(measured)


def _words(length: int) -> StringConstraints:
    return StringConstraints(strip_whitespace=True, min_length=1, max_length=length, pattern=SAYS_SOMETHING)


Title = Annotated[str, _words(200), _at_most(200)]
Notes = Annotated[str, StringConstraints(max_length=10_000, pattern=NO_NUL)]
Tag = Annotated[str, _words(40), _at_most(40)]
Tags = Annotated[
    list[Tag],
    Field(max_length=MAX_TAGS, description="Each counts once, without the spaces around it"),
    AfterValidator(_unique),
]


class TaskCreate(Input):
    model_config = ConfigDict(
        json_schema_extra={"examples": [{"title": "Water the plants", "due": "2030-05-01", "tags": ["home"]}]}
    )

    title: Title
    notes: Notes = ""
    status: Status = "todo"
    priority: Priority = "normal"
    due: Day | None = None
    tags: Tags = Field(default=[])


class TaskUpdate(Input):
    """A partial change: what is left out stays as it is, and null is a value for `due` alone."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"status": "done"}, {"due": None, "priority": "high"}]})

    title: Title | MISSING = MISSING
    notes: Notes | MISSING = MISSING
    status: Status | MISSING = MISSING
    priority: Priority | MISSING = MISSING
    due: Day | MISSING | None = MISSING
    tags: Tags | MISSING = MISSING


class TaskRead(Output):
    """A task. Its version grows with every change, and is what its ETag says."""

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


def columns(body: TaskCreate | TaskUpdate) -> dict[str, Any]:
    """What a body sets, by column."""
    given = body.model_dump()
    if "priority" in given:
        given["priority"] = PRIORITIES.index(given["priority"])
    return given
