"""A user's tasks as one document, to keep or to take elsewhere."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, BeforeValidator, Field
from pydantic_core import PydanticCustomError

from app.data.transfer import Incoming
from app.schemas.base import Input, Output
from app.schemas.tasks import TaskCreate, TaskRead, columns

Format = Literal["task-service/1"]
FORMAT: Format = "task-service/1"
MAX_IMPORT = 1_000


def _written_as_a_moment(value: object) -> object:
    # Pydantic would also take a number of seconds, or a day.
    if value is None:
        return value
    if isinstance(value, str) and len(value) > len("2026-01-01"):
        with suppress(ValueError):
            return datetime.fromisoformat(value)
    raise PydanticCustomError("moment", "a moment is written like 2026-01-01T12:00:00Z")


def _written_as_a_whole_number(value: object) -> object:
    # To JSON Schema 1.0 is an integer too.
    return int(value) if isinstance(value, float) and value.is_integer() else value


Whole = Annotated[int, Field(strict=True, ge=0), BeforeValidator(_written_as_a_whole_number)]
Moment = Annotated[AwareDatetime, BeforeValidator(_written_as_a_moment)]


class TaskExport(Output):
    """All my tasks, in the order they were made."""

    format: Format = FORMAT
    exported_at: datetime
    tasks: list[TaskRead]


class TaskImported(TaskCreate):
    """A task as an export tells it. What only the service can know is taken for information."""

    id: Annotated[UUID | None, Field(description="A task that is still mine by this id is skipped")] = None
    version: Annotated[Whole | None, Field(description="Not used: it gets a new one")] = None
    created_at: Annotated[Moment | None, Field(description="Kept, unless it is before 1970 or to come")] = None
    updated_at: Annotated[Moment | None, Field(description="Not used: it is updated now")] = None
    completed_at: Annotated[Moment | None, Field(description="Kept for a task that is done")] = None

    def incoming(self) -> Incoming:
        return Incoming(
            task_id=self.id,
            fields={name: value for name, value in columns(self).items() if name in TaskCreate.model_fields},
            created_at=self.created_at,
            completed_at=self.completed_at,
        )


class TaskImport(Input):
    """An export, or a part of its tasks: at most 1,000 at a time."""

    format: Format
    exported_at: Moment | None = None
    tasks: Annotated[list[TaskImported], Field(max_length=MAX_IMPORT)]


class ImportOutcome(Output):
    created: int
    skipped: int
