"""The cursor of a list: where the page before ended, as text that means nothing to a client."""

from __future__ import annotations

from base64 import b64decode, urlsafe_b64encode
from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any
from uuid import UUID

from pydantic import AwareDatetime, Field, StringConstraints, TypeAdapter

from app.data.listing import By, Order, Position
from app.data.words import MAX_SORT_KEY
from app.schemas.base import NO_NUL

Number = Annotated[int, Field(ge=0, lt=2**63)]
SortKey = Annotated[str, StringConstraints(max_length=MAX_SORT_KEY, pattern=NO_NUL)]

# What a cursor holds: what the list is sorted by, whether it descends, the key and the id of the last task.
_SHAPES: Mapping[By, TypeAdapter[tuple[By, bool, Any, UUID]]] = {
    "created": TypeAdapter(tuple[By, bool, AwareDatetime, UUID]),
    "updated": TypeAdapter(tuple[By, bool, Number, UUID]),
    "due": TypeAdapter(tuple[By, bool, date | None, UUID]),
    "priority": TypeAdapter(tuple[By, bool, Annotated[int, Field(ge=0, le=2)], UUID]),
    "title": TypeAdapter(tuple[By, bool, SortKey, UUID]),
}


def write_cursor(order: Order, position: Position) -> str:
    held = _SHAPES[order.by].dump_json((order.by, order.descending, position.key, position.task_id))
    return urlsafe_b64encode(held).decode().rstrip("=")


def read_cursor(text: str, order: Order) -> Position:
    """Raises ValueError unless `text` was written for a list in this order."""
    held = b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    by, descending, key, task_id = _SHAPES[order.by].validate_json(held, strict=True)
    if (by, descending) != (order.by, order.descending):
        raise ValueError("a cursor of another list")
    return Position(key=key, task_id=task_id)
