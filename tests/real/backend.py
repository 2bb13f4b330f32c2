"""The backend as the image runs it: a process of its own, started by the Dockerfile's own command."""

from __future__ import annotations

import json
import os
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2

from tests.real.forked import Forked
from tests.real.processes import LOOPBACK, Process, await_start, end, free_port, listens

MAIN = "main:app"
SOURCE = Path(__file__).parents[2] / "backend"
PASSWORD = "correct horse battery"
UNLIMITED = {"LOGIN_RATE": "1000000/second", "REGISTER_RATE": "1000000/second"}
KEY = "of this test alone, and long enough for HS256"


@dataclass(kw_only=True)
class Backend:
    """One server. It may be stopped or killed, and started again on the same data."""

    folder: Path
    environ: Mapping[str, str]
    port: int
    app: str = MAIN
    forked: bool = False
    _process: Process | None = field(default=None, init=False)
    _clients: ExitStack = field(default_factory=ExitStack, init=False)

    @property
    def url(self) -> str:
        return f"http://{LOOPBACK}:{self.port}"

    @property
    def data(self) -> Path:
        return Path(self.environ["DATA_DIR"])

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def launch(self) -> Process:
        """Start the process and do not wait: whether it comes up is the caller's question."""
        environ = {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}", **self.environ}
        environ |= {"PORT": str(self.port), "PYTHONUNBUFFERED": "1"}
        if self.forked:
            self._process = Forked(_words(self.app, self.port), cwd=SOURCE, env=environ, log=self._file)
            return self._process
        with self._file.open("ab") as log:
            self._process = subprocess.Popen(_command(self.app), cwd=SOURCE, env=environ, stdout=log, stderr=log)
        return self._process

    def await_start(self) -> None:
        assert self._process is not None
        await_start(self._process, lambda: listens(self.port), self._file)

    def start(self) -> None:
        self.launch()
        self.await_start()

    @property
    def ended(self) -> bool:
        return self._process is not None and self._process.poll() is not None

    def wait(self) -> None:
        """Until the process has ended that runs now."""
        assert self._process is not None
        self._process.wait()

    def note(self, line: str) -> None:
        """Writes into the log, as a platform does."""
        with self._file.open("a", encoding="utf-8") as log:
            log.write(f"{line}\n")

    def stop(self) -> int:
        """Ask it to end, as a platform does; its exit code."""
        return end(self._process) if self._process is not None else 0

    def kill(self) -> None:
        """SIGKILL: it gets to do nothing more."""
        assert self._process is not None
        end(self._process, signal.SIGKILL)

    def close(self) -> None:
        self._clients.close()
        self.stop()

    def client(self, **options: Any) -> httpx2.Client:
        """One that is closed with the server."""
        return self._clients.enter_context(httpx2.Client(base_url=self.url, timeout=30, trust_env=False, **options))

    def sign_up(self, username: str) -> httpx2.Client:
        """A client that speaks for a new user."""
        client = self.client()
        body = {"username": username, "password": PASSWORD}
        client.post("/api/v1/auth/register", json=body).raise_for_status()
        token = client.post("/api/v1/auth/login", data=body).raise_for_status().json()["access_token"]
        client.headers["Authorization"] = f"Bearer {token}"
        return client

    @property
    def log(self) -> str:
        return self._file.read_text(encoding="utf-8", errors="replace")

    def records(self) -> list[dict[str, Any]]:
        """What it logged so far, each line a JSON document."""
        return [json.loads(line) for line in self.log.splitlines()]

    @property
    def _file(self) -> Path:
        return self.folder / "log"


@contextmanager
def prepared_backend(
    folder: Path, environ: Mapping[str, str], *, app: str = MAIN, forked: bool = False
) -> Iterator[Backend]:
    """One that is not started yet, and ended in any case.

    Its data is below `folder`, and nobody's logins are counted, unless `environ` says else. `app` stands for the
    one that the image starts. `forked` spares what importing its packages takes (tests/real/forked.py).
    """
    folder.mkdir(parents=True, exist_ok=True)
    own = {"JWT_KEY_A": KEY, "DATA_DIR": str(folder / "data"), "TMPDIR": str(folder)}
    backend = Backend(folder=folder, environ={**own, **UNLIMITED, **environ}, port=free_port(), app=app, forked=forked)
    try:
        yield backend
    finally:
        backend.close()


def _command(app: str) -> list[str]:
    """The image's, but heard on loopback alone."""
    lines = (SOURCE / "Dockerfile").read_text(encoding="utf-8").splitlines()
    [start] = [line.removeprefix("CMD ") for line in lines if line.startswith("CMD ")]
    argv: list[str] = json.loads(start)
    assert any("0.0.0.0" in word for word in argv)
    assert any(MAIN in word for word in argv)
    return [word.replace("0.0.0.0", LOOPBACK).replace(MAIN, app) for word in argv]


def _words(app: str, port: int) -> list[str]:
    """What the image's command gives to uvicorn, as the shell fills it in."""
    line = _command(app)[-1].replace("${PORT:-7860}", str(port))
    program, *words = shlex.split(line.removeprefix("exec "))
    assert program == "uvicorn"
    assert "$" not in line
    return words
