"""What surrounds every request: its id, its place in the log and in the metrics, and the headers of its answer."""

from __future__ import annotations

import logging
import os
import re
import time
from collections.abc import Callable, Hashable, Mapping, MutableMapping
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.edge import forwarded, headers, logs, starting
from app.edge.metrics import Metrics

PAGE = "/{file}"
UNMATCHED = "unmatched"
GONE = 499  # what nginx logs when a client left before there was an answer
_METHODS = frozenset({"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"})
_ID = re.compile(rb"[A-Za-z0-9._-]{8,64}")

logger = logging.getLogger(__name__)

Write = Callable[[str], object]


class Outermost:
    """One layer for all of it, without a task, a request object or a log record of its own, as each request pays.

    `routes` leads from what answers to its template. `write` gets a line a request; without it none is written.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        routes: Mapping[Hashable, str],
        metrics: Metrics,
        revision: str,
        hops: int,
        write: Write | None,
    ) -> None:
        self._app = app
        self._routes = routes
        self._metrics = metrics
        self._revision = revision
        self._hops = hops
        self._write = write

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await starting.run(self._app, scope, receive, send)
            return
        started = time.perf_counter()
        forwarded.apply(scope, hops=self._hops)
        asked = _request_id(scope)
        logs.request_id.set(asked)
        answer = _Answer(scope, send, asked)
        self._metrics.at_once += 1
        try:
            await self._app(scope, receive, answer.send)
        except Exception:
            # It was answered on its way here. Going on would show it to the server, which would log it once more.
            logger.exception("%s %s failed", *self._named(scope, 500))
        finally:
            self._metrics.at_once -= 1
            self._note(scope, answer.status, time.perf_counter() - started)

    def _note(self, scope: Scope, status: int, seconds: float) -> None:
        method, route = self._named(scope, status)
        self._metrics.count(method, route, status, seconds)
        if self._write is not None and logger.isEnabledFor(logging.ERROR if status >= 500 else logging.INFO):
            client = scope["client"]
            line = logs.request_line(
                method=method,
                route=route,
                status=status,
                seconds=seconds,
                client=client[0] if client else "",
                user=str(scope["state"].get("user_id", "")),
                revision=self._revision,
                now=time.time(),
            )
            self._write(line)

    def _named(self, scope: Scope, status: int) -> tuple[str, str]:
        """Method and route in words of ours, so that neither log nor metrics hold what a stranger made up."""
        method = scope["method"] if scope["method"] in _METHODS else "OTHER"
        route = self._routes.get(scope.get("endpoint"))
        if route is None:
            route = PAGE if method in {"GET", "HEAD"} and status in {200, 304} else UNMATCHED
        return method, route


class _Answer:
    """Completes the headers of an answer on its way out, and keeps its status."""

    __slots__ = ("_asked", "_scope", "_send", "status")

    def __init__(self, scope: MutableMapping[str, Any], send: Send, asked: str) -> None:
        self.status = GONE
        self._scope = scope
        self._send = send
        self._asked = asked

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            scope = self._scope
            message["headers"] = headers.completed(
                message["headers"], scope["path"], https=scope["scheme"] == "https", request_id=self._asked
            )
        await self._send(message)


def _request_id(scope: Scope) -> str:
    """The one that came along when it looks like one, else a new one of 64 random bits."""
    for name, value in scope["headers"]:
        if name == b"x-request-id" and _ID.fullmatch(value):
            found: str = value.decode("ascii")
            return found
    return os.urandom(8).hex()
