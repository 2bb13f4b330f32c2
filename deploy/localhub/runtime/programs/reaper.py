"""Runs one program and takes everything it started down with it. Executed as a script, on the standard library only.

    python -I -S reaper.py PROGRAM [ARGUMENT...]

The standard input is a leash: when its other end closes, because the Hub let go or died, all is killed. SIGTERM and
SIGINT are passed to the program's process group. The exit code is the program's; 128 + n when signal n ended it.
"""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

LINUX = sys.platform == "linux"
_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36
_REAP_SECONDS = 2.0


def main(argv: list[str]) -> int:
    _control_process(_PR_SET_CHILD_SUBREAPER, 1)
    try:
        # Nothing else runs in this process yet, so code between fork and exec is safe.
        program = subprocess.Popen(argv, stdin=subprocess.DEVNULL, process_group=0, preexec_fn=_die_with_parent)  # noqa: PLW1509
    except OSError as error:
        print(f"exec: {argv[0]}: {error.strerror}", file=sys.stderr, flush=True)  # noqa: T201 - the app's log
        return 127 if isinstance(error, FileNotFoundError) else 126

    def pass_on(number: int, _frame: FrameType | None) -> None:
        _signal_group(program.pid, number)

    signal.signal(signal.SIGTERM, pass_on)
    signal.signal(signal.SIGINT, pass_on)
    threading.Thread(target=_hold_leash, args=(program.pid,), daemon=True).start()
    code = program.wait()
    _kill_all(program.pid)
    return 128 - code if code < 0 else code


def _hold_leash(group: int) -> None:
    while os.read(0, 1):
        pass
    _kill_all(group)


def _kill_all(group: int) -> None:
    """The program's group, and on Linux also descendants that left it: this process inherits those."""
    _signal_group(group, signal.SIGKILL)
    deadline = time.monotonic() + _REAP_SECONDS
    while (left := [*_descendants(os.getpid())]) and time.monotonic() < deadline:
        for pid in left:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        _reap(left)
        time.sleep(0.005)


def _reap(pids: list[int]) -> None:
    for pid in pids:
        try:
            os.waitpid(pid, os.WNOHANG)
        except ChildProcessError:
            continue


def _descendants(root: int) -> Iterator[int]:
    if not LINUX:
        return
    parents: dict[int, list[int]] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            # The name of the program, in brackets, may hold anything.
            fields = (folder / "stat").read_text(errors="replace").rpartition(")")[2].split()
        except OSError:
            continue
        parents.setdefault(int(fields[1]), []).append(int(folder.name))
    waiting = parents.get(root, [])
    while waiting:
        pid = waiting.pop()
        yield pid
        waiting.extend(parents.get(pid, []))


def _signal_group(group: int, number: int) -> None:
    try:
        os.killpg(group, number)
    except (ProcessLookupError, PermissionError):
        return


def _die_with_parent() -> None:
    _control_process(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _control_process(option: int, value: int) -> None:
    if LINUX:
        ctypes.CDLL(None).prctl(option, value, 0, 0, 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
