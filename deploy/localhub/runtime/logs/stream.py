"""Logs of a Space: events with stable numbers, kept in memory and on disk within a bounded size."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from deploy.localhub.runtime.logs import file as logfile
from deploy.localhub.runtime.logs.file import LogEvent, LogFile

__all__ = ["LogEvent", "LogStream"]

LIMIT = 2 * 1024 * 1024
"""Characters of text one log keeps; when there is more, the older half goes."""


class LogStream:
    """One log. Any thread may append, read and wait. With a `path` every event is written there too."""

    def __init__(
        self,
        path: Path | None = None,
        *,
        clean: Callable[[str], str] = str,
        limit: int = LIMIT,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._file = LogFile(path) if path else None
        self._clean = clean
        self._limit = limit
        self._now = now
        self._events: deque[LogEvent] = deque()
        self._size = 0
        self._next = 0
        self._closed = False
        self._changed = threading.Condition()

    @classmethod
    def load(cls, path: Path) -> LogStream:
        """The log that a Hub before this one wrote; closed, as nobody writes it any more."""
        stream = cls()
        for event in logfile.load(path):
            stream._keep(event)
        stream._closed = True
        return stream

    @property
    def closed(self) -> bool:
        return self._closed

    @property
    def pristine(self) -> bool:
        """Whether nobody writes it yet."""
        return self._file is None and not self._closed

    def claim(self, path: Path, clean: Callable[[str], str]) -> None:
        """Begin to write it there."""
        self._file, self._clean = LogFile(path), clean

    def append(self, text: str) -> None:
        """Add a piece; nothing when the log is closed."""
        with self._changed:
            if self._closed or not text:
                return
            event = LogEvent(index=self._next, timestamp=self._now(), data=self._clean(text))
            self._keep(event)
            if self._file:
                self._file.append(event)
            if self._size > self._limit:
                self._halve()
            self._changed.notify_all()

    def close(self) -> None:
        with self._changed:
            self._closed = True
            if self._file:
                self._file.close()
            self._changed.notify_all()

    def read(self, from_index: int = 0) -> list[LogEvent]:
        """The events from that index on, as far as they are still kept."""
        with self._changed:
            return [event for event in self._events if event.index >= from_index]

    def wait(self, from_index: int, timeout: float) -> bool:
        """Block until there is an event of that index or the log is closed; False after `timeout` seconds."""
        with self._changed:
            return self._changed.wait_for(lambda: self._closed or self._next > from_index, timeout)

    def _keep(self, event: LogEvent) -> None:
        self._events.append(event)
        self._size += len(event.data)
        self._next = event.index + 1

    def _halve(self) -> None:
        while self._size > self._limit // 2 and len(self._events) > 1:
            self._size -= len(self._events.popleft().data)
        if self._file:
            self._file.replace(self._events)
