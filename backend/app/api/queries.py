"""A query string as one model, read in one go.

FastAPI takes a model of parameters too. It looks up anew for every request what each field of it is, which for a list
of tasks takes as long as the database. Here what was read once is known by its text: pages ask the same again
and again.
"""

from __future__ import annotations

from functools import cache, lru_cache
from typing import Any, TypeVar, get_origin

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ValidationError
from starlette.datastructures import QueryParams

Model = TypeVar("Model", bound=BaseModel)

KNOWN = 256  # of up to 8 KiB each, which is as long as an address may be


def read(model: type[Model], request: Request) -> Model:
    """Of a parameter that comes more than once the last counts, unless its field is a list.

    `model` is frozen, as others get the same one. Raises RequestValidationError.
    """
    found: Model = _read(model, request.scope["query_string"])
    return found


@lru_cache(maxsize=KNOWN)
def _read(model: type[Model], text: bytes) -> Model:
    lists, given = _lists(model), dict[str, Any]()
    for name, value in QueryParams(text).multi_items():
        if name in lists:
            given.setdefault(name, []).append(value)
        else:
            given[name] = value
    try:
        return model.model_validate(given)
    except ValidationError as error:
        errors = error.errors(include_url=False)
        raise RequestValidationError([{**one, "loc": ("query", *one["loc"])} for one in errors]) from None


@cache
def _lists(model: type[BaseModel]) -> frozenset[str]:
    return frozenset(name for name, field in model.model_fields.items() if get_origin(field.annotation) is list)


def described(model: type[BaseModel]) -> dict[str, Any]:
    """The same parameters for the OpenAPI document, as `openapi_extra` of a route."""
    document = model.model_json_schema()
    parameters = [
        {"name": name, "in": "query", "required": name in document.get("required", ()), "schema": schema}
        | {key: schema[key] for key in ("description",) if key in schema}
        for name, schema in document["properties"].items()
    ]
    return {"parameters": parameters}
