"""What the app of a Space uses, as server-sent events: one `metric` each second, as long as it runs.

For a Space whose app does not run the answer is 406, as the real Hub gives it for a job that has ended. Where this
machine does not tell what an app uses it is 501, and nothing is made up.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

from starlette.concurrency import run_in_threadpool
from starlette.responses import Response, StreamingResponse

from deploy.localhub.answers import Refusal
from deploy.localhub.http.calls import Call
from deploy.localhub.http.endpoint import Route
from deploy.localhub.runtime.model import Reading, UsageUnknown

PAUSE = 1.0
"""Seconds between two events."""


@dataclass(frozen=True, kw_only=True)
class _Moment:
    at: float
    reading: Reading


def metrics(call: Call) -> Response:
    """For members of the Space's namespace, as its logs are."""
    space = call.member_space()

    def look() -> _Moment:
        return _Moment(at=time.monotonic(), reading=call.hub.supervisor.space(space.id).usage())

    try:
        first = look()
    except UsageUnknown as unknown:
        raise Refusal(501 if unknown.running else 406, str(unknown)) from None
    return StreamingResponse(
        _events(first, look), media_type="text/event-stream", headers={"Cache-Control": "no-cache"}
    )


async def _events(before: _Moment, look: Callable[[], _Moment]) -> AsyncIterator[str]:
    """Shares of processors are those since the event before, so the first comes after a pause."""
    while True:
        await asyncio.sleep(PAUSE)
        try:
            now = await run_in_threadpool(look)
        except UsageUnknown:
            return
        yield f"event: metric\ndata: {json.dumps(_document(before, now))}\n\n"
        before = now


def _document(before: _Moment, now: _Moment) -> dict[str, object]:
    """Traffic is not counted here, and is none rather than a number."""
    size, used = now.reading.size, now.reading.usage
    same = before.reading.replica == now.reading.replica
    spent = used.cpu - before.reading.usage.cpu if same else used.cpu
    return {
        "cpu_usage_pct": round(100 * max(0.0, spent) / (now.at - before.at) / size.cpus, 1),
        "cpu_millicores": round(1000 * size.cpus),
        "memory_used_bytes": used.memory,
        "memory_total_bytes": size.memory,
        "rx_bps": None,
        "tx_bps": None,
        "gpus": {},
        "replica": now.reading.replica,
    }


ROUTES = (Route(method="GET", template="/api/spaces/{id}/metrics", handler=metrics),)
