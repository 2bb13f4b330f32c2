"""One reader's stream: it waits for news, looks what the news is, hands it on, and looks again when that was taken.

It keeps no events. A reader who is slow costs a flag and at most one page, however much happens meanwhile, and gets
each changed task once, as it then is.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.exc import OperationalError

from app.data.changes import Change, Changes
from app.data.errors import DataError

SILENCE_S = 15.0
GRACE_S = 2.0


@dataclass(frozen=True, kw_only=True)
class Reset:
    """What happened cannot be told; everything is to be loaded again, and what follows comes after `version`."""

    version: int


@dataclass(frozen=True, kw_only=True)
class Silence:
    """Nothing happened for a while."""


Event = Change | Reset | Silence
Look = Callable[[int], Awaitable[Changes]]


class Stream:
    """Whose changes, seen up to which version, and until when (in the time of the loop)."""

    __slots__ = ("_grace", "_limit", "news", "seen", "until", "user_id")

    def __init__(self, user_id: UUID, *, seconds: float, grace: float = GRACE_S) -> None:
        self.user_id = user_id
        self.seen = 0
        self.news = asyncio.Event()
        self.until = asyncio.get_running_loop().time() + seconds
        self._grace = grace
        self._limit: asyncio.Timeout | None = None

    @property
    def over(self) -> bool:
        return asyncio.get_running_loop().time() >= self.until

    def end(self) -> None:
        """Ends it at its next step. A step that the reader does not let it finish is broken off a little later."""
        self.until = min(self.until, asyncio.get_running_loop().time())
        self.news.set()
        if self._limit is not None and not self._limit.expired():
            self._limit.reschedule(self.until + self._grace)

    async def wait(self, seconds: float) -> bool:
        """Whether there was news within the seconds; also returns when the stream is over."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds), asyncio.timeout_at(self.until):
                await self.news.wait()
        return self.news.is_set()

    @asynccontextmanager
    async def limited(self) -> AsyncIterator[None]:
        """Breaks off what goes on inside once the stream is over; a reader who takes nothing would hold it for ever."""
        with suppress(TimeoutError):
            async with asyncio.timeout_at(self.until + self._grace) as self._limit:
                try:
                    yield
                finally:
                    self._limit = None


async def follow(stream: Stream, look: Look, *, once: bool = False, silence: float = SILENCE_S) -> AsyncIterator[Event]:
    """What happens after the version `seen`, until the stream or its session is over; with `once` what happened so far.

    Whether the session goes on is part of every `look`, which raises a DataError when it does not. A database that
    does not answer is asked again after a silence, or when the stream is woken because it is back.
    """
    while not stream.over:
        stream.news.clear()
        try:
            found = await look(stream.seen)
        except DataError:
            return
        except OperationalError:  # the log is full of it already
            found = Changes(newest=stream.seen, reset=False, page=(), more=False)
        if found.reset:
            yield Reset(version=found.newest)
            stream.seen = found.newest
        for change in found.page:
            yield change
            stream.seen = change.version
        if found.more:
            continue
        if once:
            return
        if not await stream.wait(silence) and not stream.over:
            yield Silence()
