"""Ports of 127.0.0.1: a stable one for each Space, and free ones for apps."""

from __future__ import annotations

import hashlib
import socket
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

LOOPBACK = "127.0.0.1"
_FIRST, _COUNT = 20_000, 8_000
"""Below the range from which systems hand out ports by themselves (RFC 6335; Linux starts at 32768)."""
BACKLOG = 512
"""Visitors that may wait to be let in."""


def listen(home: Path, space_id: str, remembered: int | None) -> socket.socket:
    """A listening socket for the Space: on the port it had before, else on one that follows from its name.

    Raises OSError when no port is free.
    """
    refused: OSError | None = None
    for port in _preferences(home, space_id, remembered):
        try:
            return _bound(port)
        except OSError as error:
            refused = error
    raise refused or OSError(f"no port of {LOOPBACK} is free")


def free_port() -> int:
    """A port nobody listens on at this moment."""
    with closing(socket.socket()) as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
        return port


def _preferences(home: Path, space_id: str, remembered: int | None) -> Iterator[int]:
    """Ports in the order in which they are tried; the last, 0, lets the system choose."""
    if remembered:
        yield remembered
    start = int.from_bytes(hashlib.sha256(f"{home}\0{space_id}".encode()).digest()[:4], "big")
    for step in range(20):
        yield _FIRST + (start + step) % _COUNT
    yield 0


def _bound(port: int) -> socket.socket:
    listener = socket.socket()
    try:
        # A Hub that was just stopped leaves connections behind that would hold its port for a minute.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((LOOPBACK, port))
        listener.listen(BACKLOG)
        listener.setblocking(False)
    except BaseException:
        listener.close()
        raise
    return listener
