"""Which process serves a home: written by that process, and never taken for another that got its number later."""

from __future__ import annotations

import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

import psutil

from deploy.localhub import statefile

RuntimeKind = Literal["docker", "process"]


@dataclass(frozen=True, kw_only=True)
class Daemon:
    """The process that serves a home, where it listens, and what its Spaces run in."""

    pid: int
    port: int
    runtime: RuntimeKind


def lock(home: Path) -> Path:
    """The file that a server has open, and locked, as long as it lives."""
    return home / "serving.lock"


def record(home: Path, *, port: int, runtime: RuntimeKind) -> None:
    """Say that this process serves `home`."""
    statefile.write(_file(home), asdict(Daemon(pid=os.getpid(), port=port, runtime=runtime)))


def find(home: Path) -> Daemon | None:
    """The process that serves `home`, if it still runs."""
    stored = statefile.read(_file(home))
    return Daemon(**stored) if stored and _has_open(stored["pid"], lock(home)) else None


def last_port(home: Path) -> int | None:
    """The port `home` was served on the last time."""
    return statefile.read(_file(home)).get("port")


def _has_open(pid: int, path: Path) -> bool:
    try:
        return any(Path(file.path) == path.resolve() for file in psutil.Process(pid).open_files())
    except psutil.Error:
        return False


def _file(home: Path) -> Path:
    return home / "daemon.json"
