"""The stable address of one Space: a listener on loopback that hands each request to the revision that serves now."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http import HTTPStatus

from deploy.localhub.runtime.address import pages
from deploy.localhub.runtime.address.access import Access, Admitted
from deploy.localhub.runtime.address.forwarding import LONGEST_HEAD, NoAnswer, NoApp, for_app, forward
from deploy.localhub.runtime.address.heads import END, Head
from deploy.localhub.runtime.model import RuntimeState
from deploy.localhub.runtime.ports import BACKLOG

_HEAD_SECONDS = 30.0
_LINGER_SECONDS = 1.0


class Upstream:
    """An app's port, and how many requests are with it. `idle` is set while there are none."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.idle = threading.Event()
        self.idle.set()
        self._open = 0

    def enter(self) -> None:
        self._open += 1
        self.idle.clear()

    def leave(self) -> None:
        self._open -= 1
        if not self._open:
            self.idle.set()


class Proxy:
    """Serves `listener` on a running event loop. `route` and `access` may be set from any thread."""

    def __init__(self, listener: socket.socket, state: Callable[[], RuntimeState]) -> None:
        self.port: int = listener.getsockname()[1]
        self.access = Access()
        self._listener = listener
        self._state = state
        self._upstream: Upstream | None = None
        self._lock = threading.Lock()
        self._visits: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    def route(self, upstream: Upstream | None) -> None:
        """From now on requests go there; to the page that says why not, if None."""
        with self._lock:
            self._upstream = upstream

    async def open(self) -> None:
        self._server = await asyncio.start_server(
            self._receive, sock=self._listener, limit=LONGEST_HEAD, backlog=BACKLOG
        )

    async def close(self) -> None:
        """Stop listening and end every connection."""
        if self._server is None:
            self._listener.close()
            return
        self._server.close()
        for visit in self._visits:
            visit.cancel()
        await asyncio.gather(*self._visits, return_exceptions=True)
        await self._server.wait_closed()

    def _receive(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # A task that asyncio makes itself complains, on Python 3.11, when `close` cancels it.
        visit = asyncio.get_running_loop().create_task(self._visit(reader, writer))
        self._visits.add(visit)
        visit.add_done_callback(self._visits.discard)

    async def _visit(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            # A client that leaves early is no event here.
            with suppress(OSError):
                await self._serve(reader, writer)
                writer.close()
                await writer.wait_closed()
        finally:
            writer.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        refusal = await self._exchange(reader, writer)
        if refusal:
            writer.write(refusal)
        await _linger(reader, writer)

    async def _exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes | None:
        """Serve one request; what to answer in place of the app, if the app does not."""
        try:
            async with asyncio.timeout(_HEAD_SECONDS):
                request = Head.parse(await reader.readuntil(END))
        except (asyncio.IncompleteReadError, TimeoutError):
            return None
        except asyncio.LimitOverrunError:
            return pages.answer(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, "The request's head is too large.", "")
        except ValueError:
            return pages.answer(HTTPStatus.BAD_REQUEST, "This is not an HTTP request.", "")
        access = self.access
        # Whether a token or a pass is good may take a moment to find out.
        admitted = await asyncio.to_thread(access.admit, request) if access.private else access.admit(request)
        if admitted is None:
            absent = "There is no such Space, or it is private."
            return pages.answer(HTTPStatus.NOT_FOUND, absent, request.get("Accept"))
        return await self._handed_on(admitted, reader, writer)

    async def _handed_on(
        self, admitted: Admitted, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> bytes | None:
        accept = admitted.request.get("Accept")
        with self._current() as upstream:
            try:
                if upstream is None:
                    raise NoApp
                peer = writer.get_extra_info("peername")[0]
                request = for_app(admitted.request, peer)
                await forward(request, (reader, writer), upstream.port, cookie=admitted.cookie)
            except NoApp:
                return pages.unavailable(self._state(), accept)
            except NoAnswer:
                return pages.answer(HTTPStatus.BAD_GATEWAY, "The app closed the connection and did not answer.", accept)
        return None

    @contextmanager
    def _current(self) -> Iterator[Upstream | None]:
        """The revision that serves now, which is not stopped before the end of the block if it can be helped."""
        with self._lock:
            upstream = self._upstream
            if upstream:
                upstream.enter()
        try:
            yield upstream
        finally:
            if upstream:
                with self._lock:
                    upstream.leave()


async def _linger(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Take in what the client still sends: closing on unread bytes would reset the connection and lose the answer."""
    await writer.drain()
    if writer.can_write_eof():
        writer.write_eof()
    with suppress(TimeoutError):
        async with asyncio.timeout(_LINGER_SECONDS):
            while await reader.read(LONGEST_HEAD):
                pass
