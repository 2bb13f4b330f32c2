"""The two logs that a Space has at any time."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable
from pathlib import Path

from deploy.localhub.runtime.logs.stream import LogStream


class SpaceLogs:
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
        path = self._folder / f"{kind}.log"
        with self._lock:
            last = self._streams[kind]
            if last.pristine:
                last.claim(path, clean)
                return last
            last.close()
            self._streams[kind] = LogStream(path, clean=clean)
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
