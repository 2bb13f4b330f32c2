"""The load client, a process of its own so that what it costs is not on the server's clock.

`python -m benchmarks.load.client <port>` reads streams as JSON from stdin and writes outcomes as JSON to stdout.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import asdict
from typing import Any, cast

import httptools
import uvloop

from benchmarks.load.streams import Outcome, Stream

HOST = "127.0.0.1"
CONNECTIONS_BEING_OPENED = 32


class Connection(asyncio.Protocol):
    """Sends one request at a time and tells when it is answered; keeps nothing of the answer but its status."""

    def __init__(self, answered: Callable[[Connection, float, int], None]) -> None:
        self._answered = answered
        self._parser = httptools.HttpResponseParser(self)
        self._transport: asyncio.Transport | None = None
        self._sent_at: float | None = None

    def send(self, request: bytes, since: float) -> None:
        """`since` is when the request was due, which is earlier than now when it had to wait for a connection."""
        assert self._transport is not None
        self._sent_at = since
        self._transport.write(request)

    def close(self) -> None:
        self._sent_at = None
        if self._transport is not None:
            self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_message_complete(self) -> None:
        self._finish(self._parser.get_status_code())

    def connection_lost(self, _error: Exception | None) -> None:
        self._finish(0)

    def _finish(self, status: int) -> None:
        if self._sent_at is not None:
            took, self._sent_at = time.perf_counter() - self._sent_at, None
            self._answered(self, took, status)


class Running:
    """One stream under way: hands requests to connections and collects what comes back."""

    def __init__(self, stream: Stream, loop: asyncio.AbstractEventLoop) -> None:
        self.stream = stream
        self.done = loop.create_future()
        self._loop = loop
        self._requests = [request.encode("latin-1") for request in stream.requests]
        self._left = None if stream.each is None else stream.each * stream.connections
        self._connections: list[Connection] = []
        self._idle: deque[Connection] = deque()
        self._due: deque[float] = deque()
        self._turn = 0
        self._stopped = False
        self._took: list[float] = []
        self._statuses: Counter[int] = Counter()
        self._started = self._ended = 0.0

    async def connect(self, port: int) -> None:
        opening = asyncio.Semaphore(CONNECTIONS_BEING_OPENED)

        async def connect_one() -> None:
            async with opening:
                await self._loop.create_connection(self._new_connection, HOST, port)

        await asyncio.gather(*(connect_one() for _ in range(self.stream.connections)))

    def start(self) -> None:
        self._started = time.perf_counter()
        self._idle.extend(self._connections)
        if self.stream.rate is not None:
            self._tick(self._loop.time())
        else:
            self._due.extend([self._started] * len(self._connections))
            self._send_what_is_due()
        if self.stream.seconds is not None:
            self._loop.call_later(self.stream.seconds, self.stop)

    def stop(self) -> None:
        """Sends nothing more; what is under way does not count."""
        if not self._stopped:
            self._stopped, self._ended = True, time.perf_counter()
            for connection in self._connections:
                connection.close()
            self.done.set_result(None)

    def outcome(self, client_share: float) -> Outcome:
        took = sorted(self._took) or [0.0]
        return Outcome(
            name=self.stream.name,
            answers=len(self._took),
            rate=len(self._took) / (self._ended - self._started),
            p50=took[len(took) // 2] * 1000,
            p95=took[len(took) * 95 // 100] * 1000,
            worst=took[-1] * 1000,
            statuses={str(status): count for status, count in self._statuses.items()},
            client_share=client_share,
        )

    def _new_connection(self) -> Connection:
        self._connections.append(Connection(self._answered))
        return self._connections[-1]

    def _tick(self, due: float) -> None:
        if self._stopped:
            return
        assert self.stream.rate is not None
        following = due + 1 / self.stream.rate
        self._loop.call_at(following, self._tick, following)
        # Timers of the loop are as coarse as 1 ms; how late they are is the client's doing.
        self._due.append(time.perf_counter())
        self._send_what_is_due()

    def _send_what_is_due(self) -> None:
        while self._due and self._idle:
            request = self._requests[self._turn % len(self._requests)]
            self._turn += 1
            self._idle.popleft().send(request, self._due.popleft())

    def _answered(self, connection: Connection, took: float, status: int) -> None:
        self._took.append(took)
        self._statuses[status] += 1
        if self._left is not None:
            self._left -= 1
            if self._left < len(self._connections):
                if self._left == 0:
                    self.stop()
                return
        if status == 0 or self._stopped:
            return
        self._idle.append(connection)
        if self.stream.rate is None:
            self._due.append(time.perf_counter())
        self._send_what_is_due()


async def run(port: int, streams: list[Stream]) -> list[Outcome]:
    """All streams at the same time, from the moment the last connection is open."""
    running = [Running(stream, asyncio.get_running_loop()) for stream in streams]
    for one in running:
        await one.connect(port)
    wall, cpu = time.perf_counter(), time.process_time()
    for one in running:
        one.start()
    await asyncio.gather(*(one.done for one in running if one.stream.seconds or one.stream.each))
    for one in running:
        one.stop()
    share = (time.process_time() - cpu) / (time.perf_counter() - wall)
    return [one.outcome(share) for one in running]


def main() -> None:
    streams: list[dict[str, Any]] = json.load(sys.stdin)
    outcomes = uvloop.run(run(int(sys.argv[1]), [Stream(**stream) for stream in streams]))
    json.dump([asdict(outcome) for outcome in outcomes], sys.stdout)


if __name__ == "__main__":
    main()
