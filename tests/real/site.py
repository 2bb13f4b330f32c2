"""A site on loopback that answers as its handler says."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socket import AF_INET, AF_INET6
from typing import Any


class Quiet(BaseHTTPRequestHandler):
    """Answers every GET with 200 and no more, and keeps no log."""

    def do_GET(self) -> None:
        self.tell(b"")

    def tell(self, body: bytes, *, status: int = 200, **headers: str) -> None:
        """Names of `headers` with `_` for `-`."""
        self.send_response(status)
        for name, value in {**headers, "content_length": str(len(body))}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Silence."""


class Server(ThreadingHTTPServer):
    def __init__(self, address: tuple[str, int], handler: type[BaseHTTPRequestHandler]) -> None:
        self.address_family = AF_INET6 if ":" in address[0] else AF_INET
        super().__init__(address, handler)

    def handle_error(self, *_: Any) -> None:
        """Silence: somebody hung up before having read all."""


@contextmanager
def serving(server: ThreadingHTTPServer) -> Iterator[int]:
    """Its port, until the end of the block."""
    with server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()


@contextmanager
def running_site(handler: type[BaseHTTPRequestHandler] = Quiet, host: str = "127.0.0.1") -> Iterator[int]:
    """The port of a site with that handler."""
    with serving(Server((host, 0), handler)) as port:
        yield port
