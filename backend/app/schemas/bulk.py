"""One thing done to many tasks."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from app.schemas.base import Input, Output

MAX_IDS = 100


def _unique(ids: list[UUID]) -> list[UUID]:
    if len(set(ids)) < len(ids):
        raise PydanticCustomError("ids_repeated", "an id stands here twice")
    return ids


class TaskIds(Input):
    ids: Annotated[
        list[UUID],
        Field(min_length=1, max_length=MAX_IDS, json_schema_extra={"uniqueItems": True}),
        AfterValidator(_unique),
    ]


class BulkOutcome(Output):
    """Which of the tasks it was done to, and which are not mine or not there; both in the order they were named."""

    done: list[UUID]
    missing: list[UUID]
