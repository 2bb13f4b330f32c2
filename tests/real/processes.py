"""Servers that a test starts: each a process on a port of its own, awaited and ended by the one that started it."""

from __future__ import annotations

import itertools
import random
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, Protocol

LOOPBACK = "127.0.0.1"
_STRETCH = 100
_STRETCHES = range(28_000, 32_000, _STRETCH)
"""Of ports below the range from which systems hand out ports by themselves (Linux starts at 32768), so that one which
was free when it was chosen is not taken by somebody's outgoing connection before it is bound, or between two starts."""
PATIENCE = 120.0
"""Seconds within which a server has to come up or end: far more than one needs on a machine with other work to do."""
POLL = 0.02


def _ports() -> Iterator[int]:
    """Those of a stretch that this process alone takes, be it one of several workers or of several runs.

    The sign is the first port of the stretch, held for UDP. Which one is the system's chance: pytest-randomly seeds the
    common one alike in every worker.
    """
    for first in random.SystemRandom().sample(_STRETCHES, len(_STRETCHES)):
        with socket.socket(type=socket.SOCK_DGRAM) as sign, suppress(OSError):
            sign.bind((LOOPBACK, first))
            yield from itertools.cycle(range(first, first + _STRETCH))


_PORT = _ports()


class Process(Protocol):
    """What a started server can be asked, as of subprocess.Popen."""

    args: Any

    @property
    def pid(self) -> int: ...
    @property
    def returncode(self) -> int | None: ...
    def poll(self) -> int | None: ...
    def wait(self, timeout: float | None = None) -> int: ...
    def send_signal(self, number: int, /) -> None: ...
    def kill(self) -> None: ...


class Unstarted(Exception):
    """The server ended, or did not answer in time, before it was up. Shows the end of its log."""


def free_port() -> int:
    """A port of loopback that nobody listens on. Raises OSError when every stretch is other processes'."""
    for port in _PORT:
        with socket.socket() as probe, suppress(OSError):
            probe.bind((LOOPBACK, port))
            return port
    raise OSError("other runs of the tests have taken all ports")


def until(holds: Callable[[], bool], *, patience: float = PATIENCE) -> bool:
    """Whether the condition held before the patience was over."""
    deadline = time.monotonic() + patience
    while not holds():
        if time.monotonic() > deadline:
            return False
        time.sleep(POLL)
    return True


def await_start(process: Process, up: Callable[[], bool], log: Path) -> None:
    """Return when the server is up. Raises Unstarted, and leaves no process, when it does not come."""
    if until(lambda: process.poll() is not None or up()) and process.poll() is None:
        return
    end(process, signal.SIGKILL)
    raise Unstarted(f"{process.args!r} ended with {process.returncode}:\n{log.read_text(errors='replace')[-4000:]}")


def end(process: Process, by: signal.Signals = signal.SIGTERM) -> int:
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
