"""What the operating system tells about processes: who they are, which session, where they listen, what they use.

All of it from /proc. Elsewhere than on Linux a process has no identity here and no known ports, and what depends
on them does without.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from pathlib import Path

from deploy.localhub.runtime.model import Usage

_LISTEN = "0A"
"""State of a listening socket in /proc/net/tcp (`include/net/tcp_states.h` of Linux)."""


def identity(pid: int) -> str | None:
    """Tells a process from another that gets its number later: boot and start time. None when it is gone."""
    fields = _stat(pid)
    return f"{_boot()}:{fields[19]}" if fields else None


def session_members(session: int, *, proc: Path = Path("/proc")) -> tuple[int, ...]:
    """The processes of the session that `session` leads or led, itself included."""
    pids = [int(folder.name) for folder in proc.glob("[0-9]*")]
    return tuple(pid for pid in pids if (fields := _stat(pid)) and int(fields[3]) == session)


def descendants(root: int, *, proc: Path = Path("/proc")) -> tuple[int, ...]:
    """The process and all that descend from it."""
    children: dict[int, list[int]] = {}
    for folder in proc.glob("[0-9]*"):
        if fields := _stat(int(folder.name)):
            children.setdefault(int(fields[1]), []).append(int(folder.name))
    found = [root]
    for pid in found:
        found.extend(children.get(pid, []))
    return tuple(found)


def named(word: str, among: Iterable[int], *, proc: Path = Path("/proc")) -> tuple[int, ...]:
    """Those of the processes that have `word` as an argument of their command line."""
    return tuple(pid for pid in among if word in "".join(_lines(proc / str(pid) / "cmdline")).split("\0"))


def listening_ports(pids: Iterable[int]) -> tuple[int, ...]:
    """The TCP ports on which these processes listen, in ascending order."""
    inodes = {inode for pid in pids for inode in _sockets(pid)}
    ports: set[int] = set()
    for table in ("tcp", "tcp6"):
        for line in _lines(Path("/proc/net") / table)[1:]:
            fields = line.split()
            if fields[3] == _LISTEN and fields[9] in inodes:
                ports.add(int(fields[1].rpartition(":")[2], 16))
    return tuple(sorted(ports))


def usage(pids: Iterable[int]) -> Usage | None:
    """What these processes use together, memory that several share counted once; None when none of them tells."""
    found = [one for pid in pids if (one := _usage(pid))]
    return Usage(memory=sum(one.memory for one in found), cpu=sum(one.cpu for one in found)) if found else None


def _usage(pid: int) -> Usage | None:
    """By proc(5): proportional set size, and the time of the process and of the children that it waited for."""
    fields = _stat(pid)
    shares = [line.split()[1] for line in _lines(Path("/proc") / str(pid) / "smaps_rollup") if line.startswith("Pss:")]
    if not fields or not shares:
        return None
    return Usage(memory=int(shares[0]) * 1024, cpu=sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK"))


def _sockets(pid: int) -> set[str]:
    found = set()
    try:
        for link in (Path("/proc") / str(pid) / "fd").iterdir():
            target = str(link.readlink())
            if target.startswith("socket:["):
                found.add(target.removeprefix("socket:[").removesuffix("]"))
    except OSError:
        # The process, or one of its descriptors, is gone by now.
        return found
    return found


def _stat(pid: int) -> list[str] | None:
    """The fields of /proc/<pid>/stat after the name: state first, parent, group, session; 19 is the start time."""
    lines = _lines(Path("/proc") / str(pid) / "stat")
    return lines[0].rpartition(")")[2].split() if lines else None


def _boot() -> str:
    return "".join(_lines(Path("/proc/sys/kernel/random/boot_id")))


def _lines(path: Path) -> list[str]:
    if sys.platform != "linux":
        return []
    try:
        return path.read_text(errors="replace").splitlines()
    except OSError:
        return []
