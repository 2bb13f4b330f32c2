"""What every body has in common."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict
from pydantic_core import PydanticCustomError

NO_NUL = r"^[^\x00]*$"  # PostgreSQL has no place for a NUL in a text

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


def _written_as_a_day(value: object) -> object:
    # Pydantic would also take a number of seconds, or a moment at midnight.
    if value is None or isinstance(value, date) or (isinstance(value, str) and _DAY.fullmatch(value)):
        return value
    raise PydanticCustomError("day", "a day is written as YYYY-MM-DD")


Day = Annotated[date, BeforeValidator(_written_as_a_day)]


class Input(BaseModel):
    """A body that takes the fields it names and no others, so that a mistyped one is not lost in silence."""

    model_config = ConfigDict(extra="forbid")


class Output(BaseModel):
    model_config = ConfigDict(from_attributes=True)
