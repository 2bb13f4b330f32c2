"""What FastAPI does not do by itself and a check asks for: bounded bodies, honest refusals, a few headers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.routing import Match, Route

MOST_BYTES = 1_000_000


def mind(app: FastAPI) -> None:
    """Teach the app its manners."""
    app.router.redirect_slashes = False  # it would lead to http, as TLS ends before it

    @app.exception_handler(RequestValidationError)
    async def refuse(_: Request, error: RequestValidationError) -> JSONResponse:
        """Without what was sent, which need not be text that can be sent back."""
        told = [{name: one[name] for name in ("loc", "msg", "type")} for one in error.errors()]
        return JSONResponse({"detail": told}, 422)

    @app.exception_handler(405)
    async def name_methods(request: Request, _: HTTPException) -> JSONResponse:
        """All of the path, where the framework names those of its first route."""
        routes = (one for one in app.routes if isinstance(one, Route) and one.matches(request.scope)[0] != Match.NONE)
        methods = sorted({method for route in routes for method in route.methods or ()})
        return JSONResponse({"detail": "Method Not Allowed"}, 405, {"Allow": ", ".join(methods)})

    @app.middleware("http")
    async def bound(request: Request, answer: Callable[[Request], Awaitable[Response]]) -> Response:
        size = request.headers.get("content-length", "0")
        too_long = size.isdigit() and int(size) > MOST_BYTES
        if too_long:
            async for _ in request.stream():
                pass
        answered = JSONResponse({"detail": "too long"}, 413) if too_long else await answer(request)
        answered.headers.update({"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer"})
        if request.headers.get("x-forwarded-proto") == "https":
            answered.headers["Strict-Transport-Security"] = "max-age=31536000"
        return answered
