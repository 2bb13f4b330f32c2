"""Which process serves a home: written by that process, and never taken for another that got its number later."""

from __future__ import annotations

import os
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from deploy.command import Command, run
from deploy.localhub import statefile

RuntimeKind = Literal["docker", "process"]
_PROC = Path("/proc")


@dataclass(frozen=True, kw_only=True)
class Daemon:
    """`began` is when the process started, in whatever form the system gives it: only equality counts."""

    pid: int
    began: str
    port: int
    runtime: RuntimeKind

    @property
    def alive(self) -> bool:
        return began(self.pid) == self.began


def record(home: Path, *, port: int, runtime: RuntimeKind) -> None:
    """Say that this process serves `home`."""
    daemon = Daemon(pid=os.getpid(), began=began(os.getpid()) or "", port=port, runtime=runtime)
    statefile.write(_file(home), asdict(daemon))


def find(home: Path) -> Daemon | None:
    """The process that serves `home`, if it still runs."""
    stored = statefile.read(_file(home))
    daemon = Daemon(**stored) if stored else None
    return daemon if daemon and daemon.alive else None


def last_port(home: Path) -> int | None:
    """The port `home` was served on the last time."""
    return statefile.read(_file(home)).get("port")


def began(pid: int) -> str | None:
    """When a process started; None when there is none of that number, or only its remains."""
    if sys.platform == "linux":
        return _began_on_linux(pid)
    found = run(Command(argv=("ps", "-o", "stat=,lstart=", "-p", str(pid)), timeout=10), check=False)
    state, _, start = found.output.strip().partition(" ")
    return start.strip() or None if found.code == 0 and not state.startswith("Z") else None


def _began_on_linux(pid: int) -> str | None:
    """Fields 3 and 22 of proc(5)'s stat; the name before them may hold spaces and brackets."""
    try:
        fields = (_PROC / str(pid) / "stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] in "ZX" else fields[19]


def _file(home: Path) -> Path:
    return home / "daemon.json"
