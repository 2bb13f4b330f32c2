"""A Redis server of a test's own: on a port of loopback, keeping nothing."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.needs import missing
from tests.real.processes import LOOPBACK, await_start, end, free_port, listens


def find_program() -> Path:
    found = shutil.which("redis-server")
    return Path(found) if found else missing("redis", "there is no redis-server on PATH")


@dataclass(kw_only=True)
class Redis:
    """One server. It may be stopped, and started again with nothing in it."""

    program: Path
    folder: Path
    port: int
    _process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    @property
    def url(self) -> str:
        return f"redis://{LOOPBACK}:{self.port}/0"

    def start(self) -> None:
        log = self.folder / "redis.log"
        argv = [str(self.program), "--bind", LOOPBACK, "--port", str(self.port), "--save", "", "--appendonly", "no"]
        with log.open("ab") as output:
            self._process = subprocess.Popen(argv, stdout=output, stderr=output, cwd=self.folder)
        await_start(self._process, lambda: listens(self.port), log)

    def stop(self) -> None:
        if self._process is not None:
            end(self._process)


@contextmanager
def running_redis(program: Path, folder: Path) -> Iterator[Redis]:
    server = Redis(program=program, folder=folder, port=free_port())
    try:
        server.start()
        yield server
    finally:
        server.stop()
