"""What the operating system tells about processes: start, session, family, where they listen, what they use."""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress

import psutil

from deploy.localhub.runtime.model import Usage

_PRECISION = 1.0
"""Seconds: the time of a start follows the clock, which is set while processes run."""


def began(pid: int) -> float | None:
    """When a process started, in seconds of the epoch; None when it is gone."""
    try:
        return psutil.Process(pid).create_time()
    except psutil.NoSuchProcess:
        return None


def is_another(pid: int, since: float) -> bool:
    """Whether a number now belongs to another process than the one which began then."""
    now = began(pid)
    return now is not None and abs(now - since) > _PRECISION


def session_members(session: int) -> tuple[int, ...]:
    """The processes of the session that `session` leads or led, itself included."""
    return tuple(pid for pid in psutil.pids() if _session(pid) == session)


def descendants(root: int) -> tuple[int, ...]:
    """The process and all that descend from it; none when it is gone."""
    try:
        return root, *(child.pid for child in psutil.Process(root).children(recursive=True))
    except psutil.NoSuchProcess:
        return ()


def listening_ports(pids: Iterable[int]) -> tuple[int, ...]:
    """The TCP ports on which these processes listen, in ascending order."""
    ports: set[int] = set()
    for pid in pids:
        with suppress(psutil.Error):  # what is gone listens nowhere
            sockets = psutil.Process(pid).net_connections("tcp")
            ports |= {socket.laddr.port for socket in sockets if socket.status == psutil.CONN_LISTEN}
    return tuple(sorted(ports))


def usage(pids: Iterable[int]) -> Usage | None:
    """What these processes use together, memory that several share counted once; None when none of them tells."""
    found = [one for pid in pids if (one := _usage(pid))]
    return Usage(memory=sum(one.memory for one in found), cpu=sum(one.cpu for one in found)) if found else None


def _usage(pid: int) -> Usage | None:
    """Its part of what is shared too, where the system tells it; the time of itself and of children it waited for."""
    try:
        process = psutil.Process(pid)
        memory = process.memory_full_info()
        return Usage(memory=getattr(memory, "pss", memory.uss), cpu=sum(process.cpu_times()[:4]))
    except psutil.Error:
        return None


def _session(pid: int) -> int | None:
    try:
        return os.getsid(pid)
    except OSError:
        return None
