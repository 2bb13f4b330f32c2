"""A log on disk: one event a line, in a file that only its owner reads."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO


@dataclass(frozen=True, kw_only=True)
class LogEvent:
    """A piece of a log, usually one line with its end. `index` counts from 0 and never changes."""

    index: int
    timestamp: datetime
    data: str


class LogFile:
    """Written from the first event on. A disk that takes no more ends the writing and nothing else: what an app
    prints must not stop it, and the events are in memory too."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: IO[str] | None = None
        self._failed = False

    def append(self, event: LogEvent) -> None:
        self._write([event])

    def replace(self, events: Iterable[LogEvent]) -> None:
        """These are all there are now."""
        self.close()
        self._write(events)

    def close(self) -> None:
        if self._file:
            self._file.close()
            self._file = None

    def _write(self, events: Iterable[LogEvent]) -> None:
        if self._failed:
            return
        try:
            self._file = self._file or _create(self._path)
            self._file.writelines(_line(event) for event in events)
            self._file.flush()
        except OSError:
            self._failed = True
            # What could not be written is still in the buffer, and closing tries again.
            with suppress(OSError):
                self.close()
            self._file = None


def load(path: Path) -> Iterator[LogEvent]:
    """The events that were written; none where there is no file."""
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
        moment = datetime.fromisoformat(fields["timestamp"])
        yield LogEvent(index=fields["index"], timestamp=moment, data=fields["data"])


def _create(path: Path) -> IO[str]:
    """A new file in the place of an older log's, which a reader may still have open."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8")


def _line(event: LogEvent) -> str:
    return json.dumps({"index": event.index, "timestamp": event.timestamp.isoformat(), "data": event.data}) + "\n"
