"""What every body has in common."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

NO_NUL = r"^[^\x00]*$"  # PostgreSQL has no place for a NUL in a text


class Input(BaseModel):
    """A body that takes the fields it names and no others, so that a mistyped one is not lost in silence."""

    model_config = ConfigDict(extra="forbid")


class Output(BaseModel):
    model_config = ConfigDict(from_attributes=True)
