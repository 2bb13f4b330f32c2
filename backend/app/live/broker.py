"""The streams that are open in this process, and how news reaches them."""

from __future__ import annotations

import asyncio
from uuid import UUID

from app.live.stream import Stream

PER_USER = 20
IN_ALL = 1_000
LOOKS_AT_ONCE = 3  # of ten connections: streams that are all woken at once must not keep requests waiting


class Refused(Exception):
    """There is no room for another stream, or the process is about to end."""


class Broker:
    """Belongs to the thread of the event loop, like the streams."""

    def __init__(self, *, per_user: int = PER_USER, in_all: int = IN_ALL) -> None:
        self.looks = asyncio.Semaphore(LOOKS_AT_ONCE)
        self._per_user = per_user
        self._in_all = in_all
        self._streams: dict[UUID, list[Stream]] = {}
        self._stopped = False

    def __len__(self) -> int:
        return sum(map(len, self._streams.values()))

    def open(self, user_id: UUID, *, seconds: float) -> Stream:
        """A stream that is woken until it is closed, and is over after so many seconds. Raises Refused.

        A user's newest ones stay: of one that lost its line nobody may have noticed yet.
        """
        own = self._streams.get(user_id, [])
        if self._stopped or (len(self) >= self._in_all and len(own) < self._per_user):
            raise Refused
        for oldest in own[: max(0, len(own) + 1 - self._per_user)]:
            oldest.end()
            self.close(oldest)
        stream = Stream(user_id, seconds=seconds)
        self._streams.setdefault(user_id, []).append(stream)
        return stream

    def close(self, stream: Stream) -> None:
        """Forgets it, if it is still known."""
        own = self._streams.get(stream.user_id, [])
        if stream in own:
            own.remove(stream)
        if not own:
            self._streams.pop(stream.user_id, None)

    def wake(self, user_id: UUID) -> None:
        """Lets every stream of the user look for changes. Called after they were committed."""
        for stream in self._streams.get(user_id, ()):
            stream.news.set()

    def wake_all(self) -> None:
        for user_id in self._streams:
            self.wake(user_id)

    def stop(self) -> None:
        """Ends every stream and opens no more."""
        self._stopped = True
        for own in self._streams.values():
            for stream in own:
                stream.end()
