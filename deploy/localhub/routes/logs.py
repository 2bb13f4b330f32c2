"""Build and run logs as server-sent events.

The client reads lines that begin with `data: {`. When it does not follow, it stops at an event younger than the
answer's `Date` or after five silent seconds; when it follows, it counts events to go on after a broken connection, so
every answer begins with the log's first one.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor

from starlette.responses import Response, StreamingResponse

from deploy.localhub import clock
from deploy.localhub.http.calls import Call
from deploy.localhub.http.endpoint import Route
from deploy.localhub.runtime.logs.stream import LogEvent, LogStream
from deploy.localhub.runtime.supervision import LogKind

_LOOK = 1.0
"""Seconds a thread waits before it looks whether the reader is still there."""
_SILENCE = 15
"""Looks without news between two signs of life: more than the client's five seconds, less than its two minutes."""
_waiting = ThreadPoolExecutor(100, thread_name_prefix="followers of logs")
"""Threads of their own: waiting in those that answer requests would use them all up."""
SIGN_OF_LIFE = "data:\n\n"


def build(call: Call) -> Response:
    return _stream(call, "build")


def run(call: Call) -> Response:
    return _stream(call, "run")


def _stream(call: Call, kind: LogKind) -> Response:
    space = call.member_space()
    log = call.hub.supervisor.space(space.id).log(kind) if space.deployed else _nothing()
    tail = call.query("tail")
    lines = _lines(log, int(tail) if tail.isdecimal() else None)
    return StreamingResponse(lines, media_type="text/event-stream", headers={"Cache-Control": "no-cache"})


def _nothing() -> LogStream:
    """The log of a Space that was never built: an open one would keep the client waiting for it."""
    log = LogStream()
    log.close()
    return log


async def _lines(log: LogStream, tail: int | None) -> AsyncIterator[str]:
    """Ends with the log; a log that is still written stays open."""
    events = log.read(0)
    position = events[-1].index + 1 if events else 0
    for event in events if tail is None else events[max(0, len(events) - tail) :]:
        yield written(event)
    silent = 0
    while True:
        closed = log.closed
        for event in log.read(position):
            position, silent = event.index + 1, 0
            yield written(event)
        if closed:
            return
        if not await asyncio.get_running_loop().run_in_executor(_waiting, log.wait, position, _LOOK):
            silent += 1
            if silent % _SILENCE == 0:
                yield SIGN_OF_LIFE


def written(event: LogEvent) -> str:
    document = {"data": event.data, "timestamp": clock.stamp(event.timestamp)}
    return f"data: {json.dumps(document)}\n\n"


ROUTES = (
    Route(method="GET", template="/api/spaces/{id}/logs/build", handler=build),
    Route(method="GET", template="/api/spaces/{id}/logs/run", handler=run),
)
