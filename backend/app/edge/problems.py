"""Every error is answered as a problem document (RFC 9457), and none shows how the app is made."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.routing import iter_route_contexts
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnection
from starlette.exceptions import HTTPException

from app.data import errors
from app.edge.logs import request_id, without_secrets

MEDIA_TYPE = "application/problem+json"
FILES = ["GET", "HEAD"]

logger = logging.getLogger(__name__)


class InvalidField(BaseModel):
    """Where in the request something is wrong, as a path with dots (`body.title`), and what."""

    field: str
    detail: str


class Problem(BaseModel):
    type: str = "about:blank"
    title: str
    status: int
    detail: str | None = None
    errors: list[InvalidField] | None = None
    request_id: str


_CONTENT = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
ANY: dict[int | str, dict[str, Any]] = {"default": {"description": "What went wrong", "content": _CONTENT}}


_RETRY_AFTER = {"Retry-After": {"description": "Seconds until it may be tried again", "schema": {"type": "integer"}}}
_HEADERS: Mapping[int, dict[str, Any]] = {
    401: {"WWW-Authenticate": {"description": "How to prove who one is", "schema": {"type": "string"}}},
    429: _RETRY_AFTER,
    503: _RETRY_AFTER,
}


def of(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """`responses=` of a route that answers these errors beside those that every route may answer."""
    return {
        status: {
            "description": HTTPStatus(status).phrase,
            "content": _CONTENT,
            "headers": _HEADERS.get(status, {}),
        }
        for status in statuses
    }


def schemas() -> dict[str, Any]:
    """What the references of `of` lead to, for the components of the OpenAPI document.

    A route's `model` would bring them along, but under the media type of its success.
    """
    _, document = models_json_schema([(Problem, "serialization")], ref_template="#/components/schemas/{model}")
    found: dict[str, Any] = document["$defs"]
    return found


# What the data refuses, as status and words.
_REFUSALS: Mapping[type[errors.DataError], tuple[int, str]] = {
    errors.Missing: (404, "There is no such task"),
    errors.Stale: (412, "It was changed meanwhile: read it again, then change it"),
    errors.Taken: (409, "This username is taken"),
    errors.Full: (409, "There are as many tasks as one user may keep: delete some first"),
    errors.SessionEnded: (401, "The access token is not valid"),
}


def install(app: FastAPI) -> None:
    app.add_exception_handler(errors.DataError, _not_done)
    app.add_exception_handler(HTTPException, _refused)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(DBAPIError, _database_failed)
    app.add_exception_handler(NoConnection, _database_gone)
    app.add_exception_handler(Exception, _failed)


def answer(status: int, *, headers: Mapping[str, str] | None = None, **members: Any) -> JSONResponse:
    """A problem document; `members` are its `detail` and `errors`."""
    problem = Problem(title=HTTPStatus(status).phrase, status=status, request_id=request_id.get(), **members)
    return JSONResponse(problem.model_dump(exclude_none=True), status, headers, MEDIA_TYPE)


async def _refused(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    headers = dict(error.headers or {})
    if error.status_code == 405:
        headers["Allow"] = ", ".join(_allowed(request))
    detail = error.detail if error.detail != HTTPStatus(error.status_code).phrase else None
    return answer(error.status_code, headers=headers, detail=detail)


def _allowed(request: Request) -> list[str]:
    """What all routes of the path answer, where Starlette names one route's alone; the page's files are no routes."""
    routes = list(iter_route_contexts(request.app.routes))
    paths = {route.path for route in routes if route.endpoint and route.endpoint is request.scope.get("endpoint")}
    return sorted({method for route in routes if route.path in paths for method in route.methods or ()}) or FILES


async def _not_done(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, errors.DataError)
    status, detail = _REFUSALS[type(error)]
    headers = {"WWW-Authenticate": 'Bearer error="invalid_token"'} if status == 401 else None
    return answer(status, headers=headers, detail=detail)


async def _invalid(_request: Request, error: Exception) -> JSONResponse:
    # What was sent is left out: it may be a password.
    assert isinstance(error, RequestValidationError)
    fields = [
        InvalidField(field=".".join(str(part) for part in problem["loc"]), detail=problem["msg"])
        for problem in error.errors()
    ]
    return answer(422, detail="The request is not valid", errors=fields)


async def _database_failed(request: Request, error: Exception) -> JSONResponse:
    """What the database itself reports about its state passes; anything else is a fault of ours."""
    assert isinstance(error, DBAPIError)
    if isinstance(error, OperationalError | InterfaceError) or error.connection_invalidated:
        return await _database_gone(request, error)
    raise error


async def _database_gone(_request: Request, error: Exception) -> JSONResponse:
    logger.error("the database does not answer: %s", without_secrets(str(error)))
    return answer(503, headers={"Retry-After": "5"}, detail="The database does not answer; try again shortly")


async def _failed(_request: Request, _error: Exception) -> JSONResponse:
    return answer(500, detail="The server failed; the fault is not in the request")
