"""A proxy of a company on loopback: forwards plain requests, opens tunnels, and remembers what it was asked."""

from __future__ import annotations

import http.client
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from urllib.parse import urlsplit

from tests.real.site import Quiet, running_site

_OF_ONE_HOP = {"connection", "keep-alive", "proxy-authorization", "proxy-connection", "transfer-encoding"}


@dataclass(kw_only=True)
class Proxy:
    """`leads` says where names lead, as `host: port of 127.0.0.1`; all others are nowhere. `asked` are requests.

    `refusal`: a status that it answers itself in place of whoever was asked, with a page of its own.
    """

    port: int
    leads: Mapping[str, int] = field(default_factory=dict)
    refusal: int = 0
    asked: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        """As a company sets it for every program."""
        names = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy")
        return dict.fromkeys(names, self.url)


@contextmanager
def running_proxy() -> Iterator[Proxy]:
    """Until the end of the block."""
    proxy = Proxy(port=0)
    with running_site(type("Handler", (_Handler,), {"proxy": proxy})) as proxy.port:
        yield proxy


class _Handler(Quiet, BaseHTTPRequestHandler):
    proxy: Proxy

    def _forward(self) -> None:
        self.proxy.asked.append(f"{self.command} {self.path}")
        address = urlsplit(self.path)
        port = self.proxy.leads.get(address.hostname or "")
        if self.proxy.refusal or port is None:
            self._refuse()
            return
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        headers = {name: value for name, value in self.headers.items() if name.lower() not in _OF_ONE_HOP}
        with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
            path = address._replace(scheme="", netloc="").geturl() or "/"
            connection.request(self.command, path, body or None, {**headers, "Connection": "close"})
            answer = connection.getresponse()
            content = answer.read()
        self.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in {*_OF_ONE_HOP, "content-length"}:
                self.send_header(name, value)
        self._end(content)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = _forward  # noqa: N815 # http.server's names

    def do_CONNECT(self) -> None:
        self.proxy.asked.append(f"CONNECT {self.path}")
        port = self.proxy.leads.get(self.path.rpartition(":")[0])
        if self.proxy.refusal or port is None:
            self._refuse()
            return
        with socket.create_connection(("127.0.0.1", port)) as there:
            self.send_response(200)
            self.end_headers()
            back = threading.Thread(target=_pump, args=(there, self.connection))
            back.start()
            _pump(self.connection, there)
            back.join()
        self.close_connection = True

    def _refuse(self) -> None:
        status = self.proxy.refusal or 502
        self.send_response(status)
        self.send_header("content-type", "text/html")
        if status == 407:
            self.send_header("proxy-authenticate", 'Basic realm="company"')
        self._end(b"<title>Our proxy</title>")

    def _end(self, content: bytes) -> None:
        self.send_header("content-length", str(len(content)))
        self.send_header("connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)


def _pump(source: socket.socket, sink: socket.socket) -> None:
    try:
        while chunk := source.recv(1 << 16):
            sink.sendall(chunk)
        sink.shutdown(socket.SHUT_WR)
    except OSError:
        return  # one of the two hung up
