"""What requests and answers look like. The tables stay apart: nothing leaves the app that is not named here."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import MISSING, BaseModel, ConfigDict, StringConstraints

from app.models import Status

BEARER: Literal["bearer"] = "bearer"
NO_NUL = r"^[^\x00]*$"  # PostgreSQL has no place for a NUL in a text

Username = Annotated[
    str, StringConstraints(to_lower=True, min_length=3, max_length=254, pattern=r"^[A-Za-z0-9][A-Za-z0-9._@+-]*$")
]
Password = Annotated[str, StringConstraints(min_length=12, max_length=128)]
Title = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=NO_NUL)]
Notes = Annotated[str, StringConstraints(max_length=10_000, pattern=NO_NUL)]


class Input(BaseModel):
    """A body that takes the fields it names and no others, so that a mistyped one is not lost in silence."""

    model_config = ConfigDict(extra="forbid")


class Output(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class Registration(Input):
    username: Username
    password: Password


class UserRead(Output):
    id: UUID
    username: str
    created_at: datetime


class Token(Output):
    """An OAuth2 token response (RFC 6749, section 5.1); `expires_in` is in seconds."""

    access_token: str
    token_type: Literal["bearer"] = BEARER
    expires_in: int


class TaskCreate(Input):
    title: Title
    notes: Notes = ""
    status: Status = "todo"


class TaskUpdate(Input):
    """A partial change: what is left out stays as it is, and null is not a value."""

    title: Title | MISSING = MISSING
    notes: Notes | MISSING = MISSING
    status: Status | MISSING = MISSING


class TaskRead(Output):
    id: UUID
    title: str
    notes: str
    status: Status
    created_at: datetime
    updated_at: datetime


class TaskPage(Output):
    """Tasks, newest first; `next` is the value of `before` that continues the list, null at its end."""

    items: list[TaskRead]
    next: UUID | None


class Health(Output):
    status: Literal["ok"] = "ok"
    revision: str
    storage: Literal["ephemeral", "durable"]


class Version(Output):
    revision: str
