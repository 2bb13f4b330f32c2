"""Programs that live as long as the Hub wants them to: apps, and the tools that prepare them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from pathlib import Path

from deploy.localhub import statefile
from deploy.localhub.runtime.programs import processes, reaper
from deploy.localhub.runtime.runner import Cancellation, Write

_LONGEST_PIECE = 64 * 1024
"""Bytes of a line that does not end."""
_KILL_SECONDS = 5.0
_LAST_WORDS_SECONDS = 1.0
"""How long output is waited for after the program ended; something it started may hold the pipe open."""


class Child:
    """A program under its reaper (see reaper.py), in a session of its own, its output handed to `write` as it comes.

    `on_exit` is called from another thread when it ended and its output is written. A record of it in `records`
    lets the next Hub find it if everything else fails.
    """

    def __init__(
        self,
        argv: tuple[str, ...],
        *,
        cwd: Path,
        env: Mapping[str, str],
        write: Write,
        records: Path,
        on_exit: Callable[[], None] | None = None,
    ) -> None:
        self._write = write
        self._on_exit = on_exit
        self._done = threading.Event()
        self._process = subprocess.Popen(
            (sys.executable, "-I", "-S", reaper.__file__, *argv),
            cwd=cwd,
            env=dict(env),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        self._record = records / f"{self._process.pid}.json"
        statefile.write(self._record, {"began": processes.began(self._process.pid)})
        self._reader = threading.Thread(target=self._read, name=f"output of {self._process.pid}", daemon=True)
        self._reader.start()
        threading.Thread(target=self._await_end, name=f"end of {self._process.pid}", daemon=True).start()

    @property
    def pid(self) -> int:
        """Of the reaper; the program is its descendant."""
        return self._process.pid

    @property
    def code(self) -> int | None:
        """The exit code once it ended and its output is written; until then None."""
        return self._process.returncode if self._done.is_set() else None

    def wait(self, cancellation: Cancellation) -> int:
        """The exit code. Raises Superseded, the program being dead, when cancelled."""
        try:
            while not self._done.wait(0.02):
                cancellation.check()
        finally:
            self.kill()
        assert self.code is not None
        return self.code

    def stop(self, grace: float) -> None:
        """SIGTERM to the program's group, and after `grace` seconds SIGKILL to all that is left."""
        if not self._done.is_set():
            self._process.terminate()
            self._done.wait(grace)
        self.kill()

    def kill(self) -> None:
        """Let go of the leash; returns when it is gone."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        if not self._done.wait(_KILL_SECONDS):
            _kill_session(self._process.pid)
            self._process.kill()
            self._done.wait()

    def _read(self) -> None:
        assert self._process.stdout is not None
        with self._process.stdout as output:
            while line := output.readline(_LONGEST_PIECE):
                self._write(line.decode(errors="replace"))

    def _await_end(self) -> None:
        self._process.wait()
        self._reader.join(_LAST_WORDS_SECONDS)
        self._record.unlink(missing_ok=True)
        self._done.set()
        if self._on_exit:
            self._on_exit()


def sweep(records: Path) -> int:
    """Kill what children of a dead Hub left, by their records; how many records there were.

    A number that another process has by now is recognised by its start time and left alone.
    """
    found = sorted(records.glob("*.json"))
    for record in found:
        pid = int(record.stem)
        began = statefile.read(record).get("began")
        if began is not None and not processes.is_another(pid, began):
            _kill_session(pid)
        record.unlink(missing_ok=True)
    return len(found)


def _kill_session(session: int) -> None:
    for pid in processes.session_members(session):
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue
