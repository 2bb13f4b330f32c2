"""Ports of loopback: which to try, whether one is free, and whether a local Hub answers there."""

from __future__ import annotations

import http.client
import json
import socket
from collections.abc import Iterator
from contextlib import closing

from deploy.network import LOOPBACK

PREFERRED = 7960
TAKEN = 98
"""Exit code of a server that found its port in use when it came to listen."""
_TRIED = 50
_ANSWER_TIMEOUT = 5.0


def candidates(wanted: int | None, last: int | None) -> Iterator[int]:
    """A wanted port is the only one; otherwise the last one first."""
    if wanted is not None:
        yield wanted
        return
    if last is not None:
        yield last
    yield from range(PREFERRED, PREFERRED + _TRIED)


def free(port: int) -> bool:
    try:
        listener(port).close()
    except OSError:
        return False
    return True


def listener(port: int) -> socket.socket:
    """A socket that listens on the port. Raises OSError when it is taken."""
    return socket.create_server((LOOPBACK, port))


def url(port: int) -> str:
    return f"http://{LOOPBACK}:{port}"


def ask(port: int) -> int | None:
    """How many Spaces the Hub on this port has; None when no local Hub answers."""
    with closing(http.client.HTTPConnection(LOOPBACK, port, timeout=_ANSWER_TIMEOUT)) as connection:
        try:
            connection.request("GET", "/_hub")
            answer = json.loads(connection.getresponse().read())
            return int(answer["spaces"])
        except (OSError, http.client.HTTPException, ValueError, KeyError, TypeError):
            return None
