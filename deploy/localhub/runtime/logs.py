"""Logs of a Space: events with stable numbers, kept in memory and on disk within a bounded size."""

from __future__ import annotations

import json
import os
import shutil
import threading
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

LIMIT = 2 * 1024 * 1024
"""Characters of text one log keeps; when there is more, the older half goes."""


@dataclass(frozen=True, kw_only=True)
class LogEvent:
    """A piece of a log, usually one line with its end. `index` counts from 0 and never changes."""

    index: int
    timestamp: datetime
    data: str


class LogStream:
    """One log. Any thread may append, read and wait.

    With a `path` every event is written there too, in a file that only its owner reads.
    """

    def __init__(
        self,
        path: Path | None = None,
        *,
        clean: Callable[[str], str] = str,
        limit: int = LIMIT,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._clean = clean
        self._limit = limit
        self._now = now
        self._events: deque[LogEvent] = deque()
        self._size = 0
        self._next = 0
        self._closed = False
        self._changed = threading.Condition()
        self._path = path
        self._file: IO[str] | None = None

    @classmethod
    def load(cls, path: Path) -> LogStream:
        """The log that a Hub before this one wrote; closed, as nobody writes it any more."""
        stream = cls()
        for event in _events(path):
            stream._keep(event)
        stream._closed = True
        return stream

    @property
    def closed(self) -> bool:
        return self._closed

    @property
    def pristine(self) -> bool:
        """Whether nobody writes it yet."""
        return self._path is None and not self._closed

    def claim(self, path: Path, clean: Callable[[str], str]) -> None:
        """Begin to write it there."""
        self._path, self._clean = path, clean

    def append(self, text: str) -> None:
        """Add a piece; nothing when the log is closed."""
        with self._changed:
            if self._closed or not text:
                return
            event = LogEvent(index=self._next, timestamp=self._now(), data=self._clean(text))
            self._keep(event)
            self._write(event)
            if self._size > self._limit:
                self._halve()
            self._changed.notify_all()

    def close(self) -> None:
        with self._changed:
            self._closed = True
            if self._file:
                self._file.close()
                self._file = None
            self._changed.notify_all()

    def read(self, from_index: int = 0) -> list[LogEvent]:
        """The events from that index on, as far as they are still kept."""
        with self._changed:
            return [event for event in self._events if event.index >= from_index]

    def wait(self, from_index: int, timeout: float) -> bool:
        """Block until there is an event of that index or the log is closed; False after `timeout` seconds."""
        with self._changed:
            return self._changed.wait_for(lambda: self._closed or self._next > from_index, timeout)

    def tail(self, size: int) -> str:
        """The last `size` characters."""
        with self._changed:
            return "".join(event.data for event in self._events)[-size:]

    def _keep(self, event: LogEvent) -> None:
        self._events.append(event)
        self._size += len(event.data)
        self._next = event.index + 1

    def _write(self, event: LogEvent) -> None:
        if self._path is None:
            return
        if self._file is None:
            self._file = _create(self._path)
        self._file.write(_line(event))
        self._file.flush()

    def _halve(self) -> None:
        while self._size > self._limit // 2 and len(self._events) > 1:
            self._size -= len(self._events.popleft().data)
        if self._path and self._file:
            self._file.close()
            self._file = _create(self._path)
            self._file.writelines(_line(event) for event in self._events)
            self._file.flush()


def _create(path: Path) -> IO[str]:
    """A new file in the place of an older log's, which a reader may still have open."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8")


def _line(event: LogEvent) -> str:
    return json.dumps({"index": event.index, "timestamp": event.timestamp.isoformat(), "data": event.data}) + "\n"


def _events(path: Path) -> Iterator[LogEvent]:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return
    for line in lines:
        try:
            fields = json.loads(line)
        except ValueError:
            # The last line of a Hub that was killed while writing it.
            return
        yield LogEvent(
            index=fields["index"], timestamp=datetime.fromisoformat(fields["timestamp"]), data=fields["data"]
        )


class Logbook:
    """The newest build log and the newest run log of a Space, in `folder`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._streams = {kind: _found(folder / f"{kind}.log") for kind in ("build", "run")}

    def stream(self, kind: str) -> LogStream:
        """Raises KeyError for a kind other than "build" and "run"."""
        with self._lock:
            return self._streams[kind]

    def begin(self, kind: str, *, clean: Callable[[str], str] = str) -> LogStream:
        """A new log in place of the last. Who waits for a first one already follows it."""
        with self._lock:
            last = self._streams[kind]
            if last.pristine:
                last.claim(self._folder / f"{kind}.log", clean)
                return last
            last.close()
            self._streams[kind] = LogStream(self._folder / f"{kind}.log", clean=clean)
            return self._streams[kind]

    def close(self) -> None:
        with self._lock:
            for stream in self._streams.values():
                stream.close()

    def forget(self) -> None:
        """End both and begin with none, also on disk."""
        self.close()
        with self._lock:
            self._streams = {kind: LogStream() for kind in self._streams}
            shutil.rmtree(self._folder, ignore_errors=True)


def _found(path: Path) -> LogStream:
    return LogStream.load(path) if path.exists() else LogStream()
