"""An app is visited over HTTP as it is, with the Hub's token where a private Space asks for it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from deploy.http import Answer
from deploy.secret import Secret
from deploy.verify.app import Viewer, visiting


class Handler(BaseHTTPRequestHandler):
    """Answers with what it was asked; `/cut` hangs up and `/away` redirects."""

    def do_GET(self) -> None:
        if self.path == "/cut":
            return
        body = f'{{"revision": "r1", "token": "{self.headers["authorization"]}"}}'.encode()
        self.send_response(302 if self.path == "/away" else 200)
        self.send_header("content-length", str(len(body)))
        self.send_header("location", "/elsewhere")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Silence."""


@pytest.fixture
def url() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_an_app_is_asked_below_its_address(url: str) -> None:
    with visiting(url + "/") as app:
        answer = app.ask("/version")
    assert (answer.status, answer.revision) == (200, "r1")
    assert '"token": "None"' in answer.body


def test_a_private_spaces_visitor_shows_the_token(url: str) -> None:
    with visiting(url, Viewer(token=Secret("hf_viewer"))) as app:
        assert "Bearer hf_viewer" in app.ask("/").body


def test_a_redirect_is_an_answer_and_not_followed(url: str) -> None:
    with visiting(url) as app:
        assert app.ask("/away").status == 302


def test_a_cut_connection_is_no_answer(url: str) -> None:
    with visiting(url) as app:
        answer = app.ask("/cut")
    assert answer.status == 0
    assert answer.body


@pytest.mark.parametrize("address", ["http://127.0.0.1:1", "", "not an address"])
def test_an_address_where_nobody_is_gives_no_answer(address: str) -> None:
    with visiting(address) as app:
        answer = app.ask("/health")
    assert answer.status == 0
    assert answer.body


@pytest.mark.parametrize(
    ("body", "revision"),
    [('{"revision": "r1"}', "r1"), ('{"revision": null}', None), ('"r1"', None), ("r1", None), ("", None)],
)
def test_a_revision_is_what_a_document_says_under_that_name(body: str, revision: str | None) -> None:
    assert Answer(status=200, body=body).revision == revision
