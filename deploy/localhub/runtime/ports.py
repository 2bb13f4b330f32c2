"""Ports of 127.0.0.1: a stable one for each Space, and free ones for apps."""

from __future__ import annotations

import hashlib
import random
import socket
from collections.abc import Iterator
from contextlib import closing, suppress
from itertools import cycle, islice
from pathlib import Path

from deploy.network import LOOPBACK

_OF_SPACES = range(20_000, 28_000)
_OF_APPS = range(12_000, 20_000)
"""Both below the range from which systems hand out ports by themselves (RFC 6335; Linux starts at 32768): a port which
is free stays so until it is bound, whoever opens a connection meanwhile."""
_BY_CHANCE = cycle(random.SystemRandom().sample(_OF_APPS, len(_OF_APPS)))
_TRIES = 20
BACKLOG = 512
"""Visitors that may wait to be let in."""


def listen(home: Path, space_id: str, remembered: int | None) -> socket.socket:
    """A listening socket for the Space: on the port it had before, else on one that follows from its name.

    Raises OSError when no port is free.
    """
    refused: OSError | None = None
    for port in _preferences(home, space_id, remembered):
        try:
            # A Hub that was just stopped leaves connections behind: this takes their port all the same.
            return socket.create_server((LOOPBACK, port), backlog=BACKLOG)
        except OSError as error:
            refused = error
    raise refused or OSError(f"no port of {LOOPBACK} is free")


def free_port(*, order: Iterator[int] = _BY_CHANCE) -> int:
    """A port nobody listens on at this moment, for an app that binds it later; all others come before it comes again.

    The system chooses when the next ones are all taken. Raises OSError when that has none either.
    """
    for port in islice(order, _TRIES):
        with closing(socket.socket()) as probe, suppress(OSError):
            probe.bind((LOOPBACK, port))
            return port
    with closing(socket.socket()) as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


def _preferences(home: Path, space_id: str, remembered: int | None) -> Iterator[int]:
    """Ports in the order in which they are tried; the last, 0, lets the system choose."""
    if remembered:
        yield remembered
    start = int.from_bytes(hashlib.sha256(f"{home}\0{space_id}".encode()).digest()[:4], "big")
    for step in range(_TRIES):
        yield _OF_SPACES[(start + step) % len(_OF_SPACES)]
    yield 0
