"""Lock files of git (`main.lock` beside `main`, gitrepository-layout) whose process was killed and left them."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from pathlib import Path

import psutil

HELD = "Process {holder} is at work in the repository of this Space and has {lock}: wait for its end, or end it"


def clear(repository: Path) -> str | None:
    """Remove them; what there is to say of one that stays. Only while no thread of this process writes there.

    A lock stays which another process may hold: one that has the file open, or a git at work in the repository.
    """
    held = None
    for lock in _locks(repository):
        if holder := next(_holders(repository, lock), None):
            held = HELD.format(holder=holder, lock=lock.relative_to(repository))
        else:
            logging.getLogger(__name__).warning("Removed %s, which a process left that is gone", lock)
            lock.unlink(missing_ok=True)
    return held


def _locks(repository: Path) -> list[Path]:
    found = [*repository.glob("*.lock"), *(repository / "refs").rglob("*.lock")]
    return [path for path in found if path.is_file()]


def _holders(repository: Path, lock: Path) -> Iterator[str]:
    for process in psutil.process_iter():
        try:
            if process.pid != os.getpid() and (_has_open(process, lock) or _is_git_in(process, repository)):
                yield f"{process.pid} ({process.name()})"
        except psutil.Error:
            # It has ended, or is another user's, who has no access to the home of this Hub.
            continue


def _has_open(process: psutil.Process, lock: Path) -> bool:
    return any(Path(file.path) == lock for file in process.open_files())


def _is_git_in(process: psutil.Process, repository: Path) -> bool:
    """git closes some of its locks before it has written what they are for."""
    if not process.name().startswith("git"):
        return False
    named = (word.rpartition("=")[2] for word in (*process.cmdline(), process.environ().get("GIT_DIR", "")))
    folder = process.cwd()
    return any(Path(folder, name).is_relative_to(repository) for name in ("", *named))
