"""Servers that a test starts: each a process on a port of its own, awaited and ended by the one that started it."""

from __future__ import annotations

import itertools
import os
import random
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path

LOOPBACK = "127.0.0.1"
_PORTS = range(28_000, 32_000)
"""Below the range from which systems hand out ports by themselves (Linux starts at 32768), so that one which was
free when it was chosen is not taken by somebody's outgoing connection before it is bound, or between two starts."""
PATIENCE = 120.0
"""Seconds within which a server has to come up or end: far more than one needs on a machine with other work to do."""
POLL = 0.02


def _ports(environ: Mapping[str, str]) -> Iterator[int]:
    """Each of those that only this worker of the tests takes, in an order of its own, before one comes again.

    By the system's chance: pytest-randomly seeds the common one alike in every worker, and so they chose alike.
    """
    worker, workers = environ.get("PYTEST_XDIST_WORKER", "gw0"), environ.get("PYTEST_XDIST_WORKER_COUNT", "1")
    own = _PORTS[int(worker.removeprefix("gw")) :: int(workers)]
    return itertools.cycle(random.SystemRandom().sample(own, len(own)))


_PORT = _ports(os.environ)


class Unstarted(Exception):
    """The server ended, or did not answer in time, before it was up. Shows the end of its log."""


def free_port() -> int:
    """A port of loopback that nobody listens on."""
    for port in _PORT:
        with socket.socket() as probe, suppress(OSError):
            probe.bind((LOOPBACK, port))
            break
    return port


def until(holds: Callable[[], bool], *, patience: float = PATIENCE) -> bool:
    """Whether the condition held before the patience was over."""
    deadline = time.monotonic() + patience
    while not holds():
        if time.monotonic() > deadline:
            return False
        time.sleep(POLL)
    return True


def await_start(process: subprocess.Popen[bytes], up: Callable[[], bool], log: Path) -> None:
    """Return when the server is up. Raises Unstarted, and leaves no process, when it does not come."""
    if until(lambda: process.poll() is not None or up()) and process.poll() is None:
        return
    end(process, signal.SIGKILL)
    raise Unstarted(f"{process.args!r} ended with {process.returncode}:\n{log.read_text(errors='replace')[-4000:]}")


def end(process: subprocess.Popen[bytes], by: signal.Signals = signal.SIGTERM) -> int:
    """Ask it to end, insist when it does not, and give its exit code."""
    with suppress(ProcessLookupError):
        process.send_signal(by)
    try:
        return process.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        return process.wait()


def listens(port: int) -> bool:
    """Whether a connection to the port is taken."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((LOOPBACK, port)) == 0


def is_gone(pid: int) -> bool:
    """Whether the process has ended, be it that nobody asked after it yet."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return True
    return state == "Z"
