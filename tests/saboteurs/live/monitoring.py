"""Saboteurs of log and metrics (T026)."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from typing import Any

from starlette.types import ASGIApp, Receive, Scope, Send

from tests.saboteurs.live.registry import turns_red
from tests.saboteurs.wrapping import Reply, replace, spoilt


@turns_red("T026")
def log_without_request_ids(app: ASGIApp) -> ASGIApp:
    """The log does not say which request a line is about."""
    return _logging(app, lambda line: re.sub(r'"request_id": "[^"]*"', '"request_id": ""', line))


@turns_red("T026")
def log_of_sentences(app: ASGIApp) -> ASGIApp:
    """The log is no JSON, so that nothing can be searched for by field."""
    return _logging(app, lambda line: line.replace('"', "").replace("{", "").replace("}", ""))


@turns_red("T026")
def log_without_status(app: ASGIApp) -> ASGIApp:
    """The log says of every request that it went well."""
    return _logging(app, lambda line: re.sub(r'"status": \d+', '"status": 200', line))


@turns_red("T026")
def log_of_what_was_typed(app: ASGIApp) -> ASGIApp:
    """The log holds addresses as visitors typed them."""
    from app.edge.outermost import Outermost

    replace(Outermost, "_named", lambda self, scope, status: (scope["method"], scope["path"]))
    return app


@turns_red("T026")
def no_request_ids(app: ASGIApp) -> ASGIApp:
    """An error does not tell its request id, so that nobody can report it."""

    def spoil(scope: Scope, reply: Reply) -> None:
        del reply.headers["x-request-id"]
        if reply.status == 404:
            reply.says(404, detail="There is no such page")

    return spoilt(app, spoil)


@turns_red("T026")
def metrics_open(app: ASGIApp) -> ASGIApp:
    """Anybody reads the metrics."""
    token = f"Bearer {os.environ.get('METRICS_TOKEN', '')}".encode()

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        if scope.get("path") == "/metrics":
            scope["headers"] = [(b"authorization", token)]
        await app(scope, receive, send)

    return serve


@turns_red("T026")
def metrics_stand_still(app: ASGIApp) -> ASGIApp:
    """The metrics count nothing."""
    from app.edge.metrics import Metrics

    replace(Metrics, "count", lambda *_: None)
    return app


def _logging(app: ASGIApp, spoil: Callable[[str], str]) -> ASGIApp:
    from app.edge import logs

    honest = logs.request_line

    def request_line(**said: Any) -> str:
        return spoil(honest(**said))

    replace(logs, "request_line", request_line)
    return app
