"""An advisory source on loopback that speaks OSV's POST /v1/query, and that may have its troubles."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.real.processes import LOOPBACK


@dataclass
class Source:
    """`known` are advisories by package. `body` stands for every answer, `status` for theirs.

    `silent`: a query is answered when `released`, and not before.
    """

    port: int = 0
    known: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    body: bytes | None = None
    status: int = 200
    silent: bool = False
    released: threading.Event = field(default_factory=threading.Event)
    asked: list[tuple[str, str]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://{LOOPBACK}:{self.port}/v1/query"

    def knows(self, package: str, id: str, *fixed: str, aliases: tuple[str, ...] = (), **more: Any) -> None:  # noqa: A002
        events = [{"introduced": "0"}, *({"fixed": version} for version in fixed)]
        affected = {"package": {"name": package, "ecosystem": "PyPI"}}
        ranges = [{"type": "ECOSYSTEM", "events": events}]
        advisory = {"id": id, "aliases": list(aliases), "summary": f"Trouble with {package}", **more}
        self.known.setdefault(package, []).append({"affected": [{**affected, "ranges": ranges}], **advisory})

    def answer(self, query: dict[str, Any]) -> bytes:
        if self.silent:
            self.released.wait(60)
        package = query["package"]["name"]
        self.asked.append((package, query["version"]))
        found = self.known.get(package)
        return json.dumps({"vulns": found} if found else {}).encode() if self.body is None else self.body


@contextmanager
def advisory_source() -> Iterator[Source]:
    source = Source()

    class Handler(BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            self.send_error(405)

        def do_POST(self) -> None:
            body = source.answer(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(source.status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            with suppress(OSError):  # of one who waited no longer
                self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            """Nothing: the test's output is no log."""

    with ThreadingHTTPServer((LOOPBACK, 0), Handler) as server:
        source.port = server.server_port
        serving = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        serving.start()
        try:
            yield source
        finally:
            source.released.set()
            server.shutdown()
            serving.join()
