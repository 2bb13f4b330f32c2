"""The ASGI application: every route as an endpoint, on paths as they were sent."""

from __future__ import annotations

import re
from collections.abc import Sequence

from starlette.convertors import Convertor, register_url_convertor
from starlette.middleware.errors import ServerErrorMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Router
from starlette.routing import Route as StarletteRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from deploy.localhub.answers import Refusal
from deploy.localhub.http.calls import Call
from deploy.localhub.http.endpoint import Endpoint, Route, sign
from deploy.localhub.hub import Hub

INTERNAL_ERROR = "Internal Error - We're working hard to fix this as soon as possible!"
_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


class _RepositoryId(Convertor[str]):
    regex = "[^/]+/[^/]+"

    def convert(self, value: str) -> str:
        return value

    def to_string(self, value: str) -> str:
        return value


register_url_convertor("repository", _RepositoryId())


def build(hub: Hub, served: Sequence[Route]) -> ASGIApp:
    """All routes over one Hub."""
    routes: list[BaseRoute] = [
        StarletteRoute(_pattern(route.template), Endpoint(hub, route), methods=[route.method]) for route in served
    ]
    unknown = Route(method="*", template="(unknown)", handler=_unknown)
    routes.append(StarletteRoute("/{path:path}", Endpoint(hub, unknown), methods=list(_METHODS)))
    hub.faults.templates = frozenset(route.template for route in served)

    def broken(request: Request, _error: Exception) -> Response:
        return sign(JSONResponse({"error": INTERNAL_ERROR}, 500), request, hub.time())

    return _paths_as_sent(ServerErrorMiddleware(Router(routes, redirect_slashes=False), handler=broken))


def _pattern(template: str) -> str:
    return re.sub(r"\{(id|path)\}", lambda match: _CONVERTED[match[1]], template)


_CONVERTED = {"id": "{id:repository}", "path": "{path:path}"}


def _paths_as_sent(app: ASGIApp) -> ASGIApp:
    """Decoding first would make `refs%2Fpr%2F1` three parts of the path."""

    async def run(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            scope = {**scope, "path": scope["raw_path"].decode("ascii")}
        await app(scope, receive, send)

    return run


def _unknown(call: Call) -> Response:
    raise Refusal(404, f"This Hub has no {call.request.method} {call.request.url.path}")
