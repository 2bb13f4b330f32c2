"""Saboteurs of load, speed and endurance (T024, T028, T030)."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from pathlib import Path

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tests.saboteurs.live.registry import turns_red
from tests.saboteurs.wrapping import Reply, spoilt

TASKS = "/api/v1/tasks"
CROWD = 12
"""Requests for the list that are answered at the same time; the checks of one visitor never ask so many."""
SLOW = 1.5
"""Seconds; more than the budget the saboteurs are judged by."""
LEAK = 150_000_000
LIVES = 3
"""How often things are made and deleted before the app dies: once by the checks beside the one of endurance, and
twice by that one, before it restarts anything."""

DYING = "dying"
"""A file in the data's folder. Who has it written dies as soon as the answer of that moment is sent."""


@turns_red("T024")
def crowds_refused(app: ASGIApp) -> ASGIApp:
    """A single visitor is served, and of many at once some are not."""
    inside = 0

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        nonlocal inside
        if scope.get("path") != TASKS or scope["method"] != "GET":
            await app(scope, receive, send)
            return
        inside += 1
        try:
            await asyncio.sleep(0.05)  # so that those who come together meet
            await (app if inside <= CROWD else _busy)(scope, receive, send)
        finally:
            inside -= 1

    return serve


async def _busy(_scope: Scope, _receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 503, "headers": [(b"content-length", b"0")]})
    await send({"type": "http.response.body", "body": b""})


@turns_red("T028")
def slow_list(app: ASGIApp) -> ASGIApp:
    """Listing one's things takes longer than the budget."""

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        if scope.get("path") == TASKS and scope["method"] == "GET":
            await asyncio.sleep(SLOW)
        await app(scope, receive, send)

    return serve


@turns_red("T030")
def works_only_once(app: ASGIApp) -> ASGIApp:
    """After a restart the app fails on what the first start left behind."""
    mark = _kept("started")
    left_behind = mark.exists()
    mark.parent.mkdir(parents=True, exist_ok=True)
    mark.touch()

    def spoil(scope: Scope, reply: Reply) -> None:
        if left_behind and scope["path"] == TASKS and reply.status in {200, 201}:
            reply.says(500, detail="The server failed")

    return spoilt(app, spoil)


@turns_red("T030")
def memory_leaks(app: ASGIApp) -> ASGIApp:
    """Each thing that is made takes memory that is never given back."""
    kept: list[bytes] = []

    def spoil(scope: Scope, reply: Reply) -> None:
        if (scope["method"], reply.status) == ("POST", 201) and scope["path"] == TASKS:
            kept.append(b"\x01" * LEAK)

    return spoilt(app, spoil)


@turns_red("T030")
def dies_and_comes_back(app: ASGIApp) -> ASGIApp:
    """The app dies between two visits, and the platform starts it again."""
    deleted: set[str] = set()
    lives = 0

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        def see(status: int) -> None:
            nonlocal lives
            if status == 204:
                deleted.add(scope["path"])
            elif status == 404 and scope["path"] in deleted:
                lives += 1
                if lives == LIVES:
                    _kept(DYING).touch()

        await (_watched(app, see) if scope.get("method") == "DELETE" else app)(scope, receive, send)
        if lives == LIVES:
            os._exit(1)

    return serve


def _kept(name: str) -> Path:
    """A file that outlives the app."""
    return Path(os.environ.get("DATA_DIR", ".")) / name


def _watched(app: ASGIApp, see: Callable[[int], None]) -> ASGIApp:
    """`app`, and the status of each of its answers, before it is sent."""

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        async def look(message: Message) -> None:
            if message["type"] == "http.response.start":
                see(message["status"])
            await send(message)

        await app(scope, receive, look)

    return serve
