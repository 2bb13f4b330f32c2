"""How an answer is spoilt on its way out, and a part of the backend replaced by a worse one."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

EVENTS = "/api/v1/events"


@dataclass(kw_only=True)
class Reply:
    """A whole answer, to be changed in place."""

    status: int = 0
    headers: MutableHeaders = field(default_factory=MutableHeaders)
    body: bytes = b""

    @property
    def document(self) -> Any:
        return json.loads(self.body)

    def becomes(self, status: int, kind: str, body: str) -> None:
        self.status, self.body = status, body.encode()
        self.headers["content-type"] = kind

    def says(self, status: int, **members: object) -> None:
        """A problem document in place of what it was."""
        self.becomes(status, "application/problem+json", json.dumps({"title": "Sabotage", "status": status, **members}))


def spoilt(app: ASGIApp, spoil: Callable[[Scope, Reply], None]) -> ASGIApp:
    """`app` with answers that `spoil` had its way with; the stream of events is let alone, as it never ends."""

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] == EVENTS:
            await app(scope, receive, send)
            return
        reply = Reply()

        async def hold(message: Message) -> None:
            if message["type"] == "http.response.start":
                reply.status, reply.headers = message["status"], MutableHeaders(raw=list(message["headers"]))
            else:
                reply.body += message.get("body", b"")

        await app(scope, receive, hold)
        spoil(scope, reply)
        if scope["method"] != "HEAD" and reply.status not in {204, 304}:
            reply.headers["content-length"] = str(len(reply.body))
        await send({"type": "http.response.start", "status": reply.status, "headers": reply.headers.raw})
        await send({"type": "http.response.body", "body": reply.body})

    return serve


def spoilt_at(app: ASGIApp, path: str, status: int, spoil: Callable[[Reply], None]) -> ASGIApp:
    """`app` with the answers of one path that have this status spoilt."""

    def spoil_those(scope: Scope, reply: Reply) -> None:
        if scope["path"] == path and reply.status == status:
            spoil(reply)

    return spoilt(app, spoil_those)


def replace(where: object, name: str, by: object) -> None:
    """In a module or class, by an attribute that its users look up each time."""
    if not hasattr(where, name):
        raise AttributeError(f"{where} has no {name} that could be sabotaged")
    setattr(where, name, by)
