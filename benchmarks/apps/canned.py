"""Answers every request with the same bytes and looks at none: what the load client can do at most."""

from __future__ import annotations

import argparse
import asyncio
import json
from typing import cast

import uvloop

from benchmarks.apps.plain import page

_BODY = json.dumps(page().model_dump(mode="json")).encode()
_ANSWER = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%b" % (len(_BODY), _BODY)


class Canned(asyncio.Protocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, _data: bytes) -> None:
        self._transport.write(_ANSWER)


async def serve(host: str, port: int) -> None:
    server = await asyncio.get_running_loop().create_server(Canned, host, port)
    await server.serve_forever()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--host")
    parser.add_argument("--port", type=int)
    where = parser.parse_args()
    uvloop.run(serve(where.host, where.port))
