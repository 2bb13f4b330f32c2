"""Breaking a connection without an answer, as a network does."""

from __future__ import annotations

import asyncio

from starlette.types import Scope
from uvicorn.protocols.http.h11_impl import H11Protocol

_open: dict[tuple[str, int], asyncio.Transport] = {}
_TURNS = 10


class Protocol(H11Protocol):
    """Keeps the transports of open connections, which ASGI does not hand to applications."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        _open[_peer(transport)] = transport

    def connection_lost(self, exc: Exception | None) -> None:
        _open.pop(_peer(self.transport), None)
        super().connection_lost(exc)


async def cut(scope: Scope) -> None:
    """Drop the connection of a request; returns when the server has noticed."""
    host, port = scope["client"]
    transport = _open.get((host, port))
    if transport is not None:
        transport.abort()
    # The protocol learns of it in the loop's next turns; returning sooner would make it write an error page.
    for _ in range(_TURNS):
        await asyncio.sleep(0)


def _peer(transport: asyncio.BaseTransport) -> tuple[str, int]:
    host, port = transport.get_extra_info("peername")[:2]
    return host, port
