"""Reads the stream of events in process. A TestClient cannot: it waits for the end of what it is answered."""

from __future__ import annotations

import asyncio
import json
import queue
from collections.abc import Iterator, Mapping
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from fastapi.testclient import TestClient
from starlette.types import Message

PATH = "/api/v1/events"
PATIENCE = 20.0


@dataclass(frozen=True, kw_only=True)
class Event:
    """One event, or what came between two: an `id` alone, or nothing at all, which is a comment."""

    id: str | None = None
    event: str | None = None
    data: Any = None
    retry: str | None = None

    @classmethod
    def of(cls, frame: bytes) -> Event:
        fields = dict(line.split(": ", 1) for line in frame.decode().splitlines() if line and line[0] != ":")
        if "data" in fields:
            fields["data"] = json.loads(fields["data"])
        return cls(**fields)


class EventReader:
    """One request in the loop of a client's app, whose pieces are taken one by one, or not at all while `held`."""

    def __init__(self, client: TestClient, headers: Mapping[str, str], query: str = "") -> None:
        assert client.portal is not None
        self.sent = 0
        self._client = client
        self._portal = client.portal
        self._messages: queue.SimpleQueue[Message] = queue.SimpleQueue()
        self._taking, self._gone = self._portal.call(asyncio.Event), self._portal.call(asyncio.Event)
        self._portal.call(self._taking.set)
        self._asked = False
        self._call: Future[None] = self._portal.start_task_soon(self._run, self._scope(headers, query))
        start = self._messages.get(timeout=PATIENCE)
        self.status = start["status"]
        self.headers = {name.decode().lower(): value.decode() for name, value in start["headers"]}

    def next(self) -> Event | None:
        """The next piece; None at the end."""
        message = self._messages.get(timeout=PATIENCE)
        return Event.of(message["body"]) if message.get("more_body") else None

    def rest(self) -> list[Event]:
        """Everything to the end."""
        return list(iter(self.next, None))

    def body(self) -> Any:
        """The whole of an answer that is no stream."""
        return json.loads(self._messages.get(timeout=PATIENCE)["body"])

    @contextmanager
    def held(self) -> Iterator[None]:
        """Inside, the reader takes nothing more."""
        self._portal.call(self._taking.clear)
        yield
        self._portal.call(self._taking.set)

    def leave(self) -> None:
        """Hang up, and see the request end."""
        self._portal.call(self._gone.set)
        self.await_end()

    def await_end(self) -> None:
        self._call.result(PATIENCE)

    async def _run(self, scope: dict[str, Any]) -> None:
        await self._client.app(scope, self._receive, self._send)

    async def _receive(self) -> Message:
        if not self._asked:
            self._asked = True
            return {"type": "http.request", "body": b"", "more_body": False}
        await self._gone.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Message) -> None:
        self.sent += 1
        await self._taking.wait()
        self._messages.put(message)

    def _scope(self, headers: Mapping[str, str], query: str) -> dict[str, Any]:
        return {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1",
            "method": "GET",
            "scheme": "http",
            "path": PATH,
            "raw_path": PATH.encode(),
            "root_path": "",
            "query_string": query.encode(),
            "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
            "client": ("testclient", 50_000),
            "server": ("testserver", 80),
            "state": dict(self._client.app_state),
        }
