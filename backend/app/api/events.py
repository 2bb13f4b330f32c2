"""Changes of a user's tasks as they happen, as server-sent events (HTML standard, section 9.2)."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Depends, Header, HTTPException, Query, Response
from fastapi.responses import StreamingResponse
from fastapi.sse import KEEPALIVE_COMMENT, format_sse_event
from starlette.types import Receive, Scope, Send

from app.data import changes
from app.data.changes import Change, Changes
from app.deps import Caller, CallerDep
from app.edge import problems
from app.live.broker import Refused
from app.live.stream import Event, Reset, Silence, Stream, follow
from app.schemas.events import STREAM, TaskChanged, TaskDeleted
from app.schemas.tasks import TaskRead

PAGE = 20  # tasks, of up to 40 KB each: that much a reader who is slow may hold
RETRY_MS = 3_000
BEFORE_ALL = -1
HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}  # the second tells proxies to pass on each piece

router = APIRouter(tags=["events"])


class EventStream(StreamingResponse):
    """Goes on as long as its stream, and no longer though its reader takes nothing.

    FastAPI's own response for events takes a generator through tasks and buffers between which nobody can end it.
    """

    media_type = "text/event-stream"

    def __init__(self, stream: Stream, frames: AsyncIterator[bytes]) -> None:
        super().__init__(frames, headers=HEADERS)
        self._stream = stream

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async with self._stream.limited():
            await super().__call__(scope, receive, send)


async def open_stream(caller: CallerDep) -> AsyncIterator[Stream]:
    """A stream for the time of the request, and of its access token at most."""
    broker = caller.services.broker
    left = caller.access.expires_at - caller.services.tokens.clock()
    try:
        stream = broker.open(caller.access.user_id, seconds=left.total_seconds())
    except Refused:
        raise HTTPException(503, "No more streams can be open here; try again shortly", {"Retry-After": "5"}) from None
    try:
        yield stream
    finally:
        broker.close(stream)


@router.get(
    "/events",
    response_class=Response,  # of no media type: what there is of it is said in full below
    responses={
        200: {"description": "A stream of events", "content": {"text/event-stream": STREAM}},
        **problems.of(401, 503),
    },
)
async def read_events(
    caller: CallerDep,
    stream: Annotated[Stream, Depends(open_stream)],
    last_event_id: Annotated[str | None, Header(alias="Last-Event-ID", description="The last `id`")] = None,
    once: Annotated[bool, Query(description="End when everything that happened so far is told")] = False,
) -> EventStream:
    """Changes of my tasks: those after `Last-Event-ID`, then each as it happens; without it only what happens from now.

    - `event: task`, `data: {"kind": "changed", "task": {...}}` or `{"kind": "deleted", "id": "..."}`. A task that
      changed several times while nobody read is told once, as it is now.
    - `event: reset`, `data: {}`: some of what happened is no longer known. Load everything again.
    - `id` is the number to come back with; the first one arrives at once, with no event. A comment arrives after 15
      seconds of silence.

    The stream ends with its access token or its session, when the service stops, and when 20 newer ones of mine are
    open: come back, with a valid token. 503 when there are too many of everybody's.
    """
    newest = await caller.read(changes.newest)
    stream.seen = newest if last_event_id is None else _version(last_event_id)
    return EventStream(stream, _frames(caller, stream, once=once))


def _version(last_event_id: str) -> int:
    return int(last_event_id) if re.fullmatch("[0-9]{1,18}", last_event_id) else BEFORE_ALL


async def _frames(caller: Caller, stream: Stream, *, once: bool) -> AsyncIterator[bytes]:
    async def look(seen: int) -> Changes:
        async with caller.services.broker.looks:
            return await caller.read(changes.since, seen, limit=PAGE)

    yield format_sse_event(retry=RETRY_MS, id=None if stream.seen == BEFORE_ALL else str(stream.seen))
    async for event in follow(stream, look, once=once):
        yield _frame(event)


def _frame(event: Event) -> bytes:
    match event:
        case Silence():
            return KEEPALIVE_COMMENT
        case Reset(version=version):
            return format_sse_event(event="reset", data_str="{}", id=str(version))
        case Change(version=version, task=None, task_id=task_id):
            data: TaskChanged | TaskDeleted = TaskDeleted(id=task_id)
        case Change(version=version, task=task):
            data = TaskChanged(task=TaskRead.model_validate(task))
    return format_sse_event(event="task", data_str=data.model_dump_json(), id=str(version))
