"""Other origins: one that serves the page's files by itself, and one that shows the page in a frame."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from tests.real.backend import SOURCE
from tests.real.processes import LOOPBACK

TAG = '<meta name="api-base" content="">'
EMBEDDER = "https://huggingface.co/spaces/somebody/tasks"


class _Quiet(SimpleHTTPRequestHandler):
    policy = ""

    def end_headers(self) -> None:
        self.send_header("Content-Security-Policy", self.policy)
        super().end_headers()

    def log_request(self, code: object = "-", size: object = "-") -> None:
        """A test's output is not the place."""


class Site:
    """A server of static files that is up, and serves the page once it was told where the service is."""

    def __init__(self, server: ThreadingHTTPServer, folder: Path, handler: type[_Quiet]) -> None:
        self.origin = f"http://{LOOPBACK}:{server.server_port}"
        self._folder = folder
        self._handler = handler

    def serve_page(self, service: str) -> None:
        """Set it up as backend/README.md says: the tag, and a policy that names the service."""
        shutil.copytree(SOURCE / "web", self._folder, dirs_exist_ok=True)
        index = self._folder / "index.html"
        page = index.read_text(encoding="utf-8")
        assert page.count(TAG) == 1
        index.write_text(page.replace(TAG, TAG.replace('""', f'"{service}"')), encoding="utf-8")
        self._handler.policy = (
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
            f"connect-src {service}; base-uri 'none'; form-action 'self'"
        )


@contextmanager
def serving(folder: Path) -> Iterator[Site]:
    handler = type("Handler", (_Quiet,), {})
    with ThreadingHTTPServer((LOOPBACK, 0), partial(handler, directory=str(folder))) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield Site(server, folder, handler)
        finally:
            server.shutdown()
            thread.join()


def framing(url: str) -> str:
    """The page of a site that shows another one in a frame, as huggingface.co does."""
    return f'<!doctype html><title>Space</title><iframe src="{url}" width="1200" height="800"></iframe>'
