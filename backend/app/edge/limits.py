"""What a request may cost before anybody looks at it: size, time, and how many there are at once."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.edge import problems
from app.edge.metrics import Metrics

KIB = 1024
LET_PASS = 16 * KIB * KIB
LET_PASS_SECONDS = 2.0


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Bytes, seconds and numbers. Past `at_once` requests a new one is asked to come back, as it would only wait."""

    body: int = 64 * KIB
    bodies: Mapping[str, int] = field(default_factory=dict)
    """Paths whose bodies may be larger."""
    body_seconds: float = 30.0
    headers: int = 32 * KIB
    address: int = 8 * KIB
    at_once: int = 512


class Guard:
    """Refuses what is over a limit with 408, 413, 414, 431 or 503; the body is counted and timed while it arrives."""

    def __init__(self, app: ASGIApp, limits: Limits, metrics: Metrics) -> None:
        self._app = app
        self._limits = limits
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
        elif refused := self._refused(scope):
            if refused.status_code == 413:
                await _let_pass(receive)
            await problems.answer(refused.status_code, detail=refused.detail, headers=refused.headers)(
                scope, receive, send
            )
        elif scope["method"] in {"POST", "PATCH", "PUT"}:
            body = _Body(receive, self._limit(scope), self._limits.body_seconds)
            await self._app(scope, body.receive, send)
        else:
            await self._app(scope, receive, send)

    def _limit(self, scope: Scope) -> int:
        return self._limits.bodies.get(scope["path"], self._limits.body)

    def _refused(self, scope: Scope) -> HTTPException | None:
        limits, headers = self._limits, scope["headers"]
        if len(scope["path"]) + len(scope["query_string"]) > limits.address:
            return HTTPException(414, "The address is too long")
        if sum([len(name) + len(value) for name, value in headers]) > limits.headers:
            return HTTPException(431, "The headers are too long")
        if self._metrics.at_once > limits.at_once and self._metrics.working > limits.at_once:
            return HTTPException(503, "There are too many requests at once; try again shortly", {"Retry-After": "1"})
        if _announced(headers) > self._limit(scope):
            return _too_large(self._limit(scope))
        return None


class _Body:
    """The body of one request. What it raises is answered by the app, as it is the app that reads."""

    def __init__(self, receive: Receive, limit: int, seconds: float) -> None:
        self._receive = receive
        self._limit = limit
        self._left = limit
        self._until = asyncio.get_running_loop().time() + seconds
        self._complete = False

    async def receive(self) -> Message:
        if self._complete:  # whoever still listens waits for the client to hang up, which may take its time
            return await self._receive()
        try:
            async with asyncio.timeout_at(self._until):
                message = await self._receive()
        except TimeoutError:
            raise HTTPException(408, "The body did not arrive in time", {"Connection": "close"}) from None
        self._left -= len(message.get("body", b""))
        if self._left < 0:
            if message.get("more_body", False):
                await _let_pass(self._receive)
            raise _too_large(self._limit)
        self._complete = not message.get("more_body", False)
        return message


async def _let_pass(receive: Receive) -> None:
    """Throws away what is still being sent, so far as that is bearable.

    Who is answered and hung up on while sending may lose the answer to the reset of the connection (RFC 9112, 9.6).
    """
    left = LET_PASS
    try:
        async with asyncio.timeout(LET_PASS_SECONDS):
            while left > 0:
                message = await receive()
                left -= len(message.get("body", b""))
                if not message.get("more_body", False):
                    return
    except TimeoutError:
        return


def _announced(headers: list[tuple[bytes, bytes]]) -> int:
    for name, value in headers:
        if name == b"content-length" and value.isdigit():
            return int(value)
    return 0


def _too_large(limit: int) -> HTTPException:
    return HTTPException(413, f"A body may have up to {limit} bytes here")
