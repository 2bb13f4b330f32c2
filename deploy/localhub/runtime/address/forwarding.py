"""One visitor's request, carried to the app and its answer back, bytes in both directions until one side is done.

A connection carries one request. The client and the app are told so, which keeps bodies out of the proxy's sight:
streams, events and uploads of any size pass as they come, and an upgraded connection (WebSocket) is not touched.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress

from deploy.localhub.runtime.address.heads import END, Head
from deploy.network import LOOPBACK

LONGEST_HEAD = 64 * 1024
"""Bytes; servers behind real proxies refuse far smaller ones."""
_PIECE = 64 * 1024
_CONNECT_SECONDS = 5.0


class NoApp(Exception):
    """Nothing accepts connections on the app's port."""


class NoAnswer(Exception):
    """The app took the request and closed the connection, or answered with something that is not HTTP."""


def for_app(request: Head, peer: str) -> Head:
    """The request as the app gets it: who asked, by which scheme and name, and that one answer is enough.

    What the client claims about itself in such fields is replaced.
    """
    changes: dict[str, str | None] = {
        "X-Forwarded-For": peer,
        "X-Forwarded-Proto": "http",
        "X-Forwarded-Host": request.get("Host"),
    }
    if not request.get("Upgrade"):
        changes |= {"Connection": "close", "Keep-Alive": None}
    return request.having(changes)


async def forward(
    request: Head,
    client: tuple[asyncio.StreamReader, asyncio.StreamWriter],
    port: int,
    *,
    cookie: str | None = None,
) -> None:
    """Carry the request to the app on `port` of this machine; the answer leaves `cookie` beside those of the app.

    Raises NoApp or NoAnswer when nothing was sent back.
    """
    try:
        async with asyncio.timeout(_CONNECT_SECONDS):
            app_reader, app_writer = await asyncio.open_connection(LOOPBACK, port, limit=LONGEST_HEAD)
    except OSError as error:
        raise NoApp from error
    try:
        app_writer.write(request.encode())
        body = asyncio.create_task(_carry_body(client[0], app_writer))
        try:
            await _carry_answer(app_reader, client[1], cookie)
        finally:
            body.cancel()
            with suppress(asyncio.CancelledError):
                await body
    finally:
        # Not closed in order: an app that does not read the rest of a request would be waited for.
        app_writer.transport.abort()


async def _carry_body(client: asyncio.StreamReader, app: asyncio.StreamWriter) -> None:
    """Everything that follows the head; the end of it too, so that an app notices a client that left."""
    # An app may answer and close before it read all of the body. Its answer still counts.
    with suppress(OSError):
        await _pipe(client, app)
        if app.can_write_eof():
            app.write_eof()


async def _carry_answer(app: asyncio.StreamReader, client: asyncio.StreamWriter, cookie: str | None) -> None:
    head = await _answer_head(app)
    while 100 <= head.status < 200 and head.status != 101:
        client.write(head.encode())
        head = await _answer_head(app)
    head = head if head.status == 101 else head.having({"Connection": "close", "Keep-Alive": None})
    client.write((head.adding("Set-Cookie", cookie) if cookie else head).encode())
    try:
        await _pipe(app, client)
    except ConnectionError:
        # One of the two is gone. If that is the app, the client sees it from the connection that closes now.
        return


async def _answer_head(app: asyncio.StreamReader) -> Head:
    try:
        head = Head.parse(await app.readuntil(END))
        _ = head.status
    except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, ConnectionError, ValueError) as error:
        raise NoAnswer from error
    return head


async def _pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while piece := await reader.read(_PIECE):
        writer.write(piece)
        await writer.drain()
