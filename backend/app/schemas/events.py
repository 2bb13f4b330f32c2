"""What a stream of events says about a user's tasks."""

from __future__ import annotations

from typing import Any, Literal
from uuid import UUID

from pydantic.json_schema import models_json_schema

from app.schemas.base import Output
from app.schemas.tasks import TaskRead

_REFERENCE = "#/components/schemas/{model}"


class TaskChanged(Output):
    kind: Literal["changed"] = "changed"
    task: TaskRead


class TaskDeleted(Output):
    kind: Literal["deleted"] = "deleted"
    id: UUID


def _item(event: str, data: dict[str, Any]) -> dict[str, Any]:
    fields = {"event": {"const": event}, "id": {"type": "string", "pattern": "^[0-9]+$"}, "data": data}
    return {"type": "object", "properties": fields, "required": list(fields)}


_JSON = {"type": "string", "contentMediaType": "application/json"}
_TASK = {"anyOf": [{"$ref": _REFERENCE.format(model=model.__name__)} for model in (TaskChanged, TaskDeleted)]}

STREAM: dict[str, Any] = {
    "itemSchema": {"anyOf": [_item("task", _JSON | {"contentSchema": _TASK}), _item("reset", {"const": "{}"})]}
}
"""Each event of the stream, as OpenAPI 3.2 describes one (4.14.4)."""


def schemas() -> dict[str, Any]:
    """What the references of STREAM lead to, for the components of the OpenAPI document."""
    models = (TaskChanged, TaskDeleted)
    _, document = models_json_schema([(model, "serialization") for model in models], ref_template=_REFERENCE)
    found: dict[str, Any] = document["$defs"]
    return found
