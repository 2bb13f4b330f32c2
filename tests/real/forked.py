"""The backend's server without the dear part of its start: a fork of a process that has imported what it stands on.

For tests that start dozens of them and are not about the start: importing its packages takes longer than all else.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.real.processes import POLL

_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(
    [
        *("uvicorn.main", "uvicorn.config", "uvicorn.server", "uvicorn.lifespan.on", "uvloop", "httptools"),
        *("uvicorn.protocols.http.httptools_impl", "uvicorn.loops.uvloop", "fastapi", "fastapi.responses"),
        *("sqlalchemy", "sqlalchemy.ext.asyncio", "sqlalchemy.dialects.sqlite", "aiosqlite", "alembic.command"),
        *("pydantic_settings", "jwt", "argon2", "limits", "prometheus_client", "opentelemetry.sdk.trace"),
    ]
)


class Forked:
    """As much of subprocess.Popen as tests of a server use."""

    def __init__(self, argv: Sequence[str], *, cwd: Path, env: Mapping[str, str], log: Path) -> None:
        self.args = argv
        self._process = _FORKS.Process(target=_serve, args=([*argv], str(cwd), {**env}, str(log)))
        self._process.start()
        # Two threads that ask at once would share one exit code, of which each reads half.
        self._lock = threading.Lock()

    @property
    def pid(self) -> int:
        assert self._process.pid is not None
        return self._process.pid

    @property
    def returncode(self) -> int | None:
        return self.poll()

    def poll(self) -> int | None:
        with self._lock:
            return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int:
        deadline = None if timeout is None else time.monotonic() + timeout
        while (code := self.poll()) is None:
            if deadline is not None and timeout is not None and time.monotonic() > deadline:
                raise subprocess.TimeoutExpired([*self.args], timeout)
            time.sleep(POLL)
        return code

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


def _serve(argv: list[str], cwd: str, env: dict[str, str], log: str) -> None:
    """In the fork: what `uvicorn *argv` does in that folder, with that environment, and both outputs in the log."""
    from uvicorn.main import main

    file = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(file, 1)
    os.dup2(file, 2)
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(env)
    time.tzset()
    sys.argv = ["uvicorn", *argv]
    sys.path[:0] = [cwd, *filter(None, env.get("PYTHONPATH", "").split(os.pathsep))]
    main(argv)
