"""The stable address of a Space: what passes through it, to whom, and what is answered in an app's place."""

from __future__ import annotations

import gc
import hashlib
import http.client
import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import pytest
from anyio.from_thread import start_blocking_portal

from deploy.localhub.runtime.address.access import Access
from deploy.localhub.runtime.address.proxy import Proxy, Upstream
from deploy.localhub.runtime.model import RuntimeState, Stage, Viewers
from deploy.localhub.runtime.ports import listen
from tests.real.processes import free_port

Serve = Callable[[socket.socket], object]
"""What an app does with a connection."""
SECONDS = 10.0


class Backend:
    """An app that treats every connection in the way it is told."""

    def __init__(self, serve: Serve) -> None:
        self._serve = serve
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()
        self.port: int = self._listener.getsockname()[1]

    def close(self) -> None:
        # To close is not enough to wake a thread that accepts.
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join(SECONDS)
            assert not thread.is_alive()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self._threads.append(threading.Thread(target=self._one, args=(connection,), daemon=True))
            self._threads[-1].start()

    def _one(self, connection: socket.socket) -> None:
        connection.settimeout(SECONDS)
        with connection:
            self._serve(connection)


class Street:
    """A proxy, and backends behind it."""

    def __init__(self, home: Path) -> None:
        self.state = RuntimeState(stage=Stage.RUNNING, sha="a" * 40, error_message=None, port=0)
        self._ends = ExitStack()
        self._loop = self._ends.enter_context(start_blocking_portal())
        self.proxy = Proxy(listen(home, "a/b", None), lambda: self.state)
        self._loop.call(self.proxy.open)
        self._backends: list[Backend] = []

    def close(self) -> None:
        self._loop.call(self.proxy.close)
        self._ends.close()
        for backend in self._backends:
            backend.close()

    def build(self, serve: Serve) -> Upstream:
        """An app that gets the visitors from now on."""
        self._backends.append(Backend(serve))
        upstream = Upstream(self._backends[-1].port)
        self.proxy.route(upstream)
        return upstream

    @contextmanager
    def visitor(self) -> Iterator[socket.socket]:
        with closing(socket.create_connection(("127.0.0.1", self.proxy.port), timeout=SECONDS)) as connection:
            yield connection

    def get(self, path: str = "/", **headers: str) -> tuple[int, dict[str, str], bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.proxy.port, timeout=SECONDS)
        with closing(connection):
            connection.request("GET", path, headers={name.replace("_", "-"): text for name, text in headers.items()})
            answer = connection.getresponse()
            return answer.status, {name.lower(): text for name, text in answer.getheaders()}, answer.read()


@pytest.fixture
def street(tmp_path: Path) -> Iterator[Street]:
    street = Street(tmp_path)
    yield street
    street.close()


def head(connection: socket.socket) -> bytes:
    """Up to and with the empty line, byte by byte so that nothing of the body is taken."""
    raw = b""
    while not raw.endswith(b"\r\n\r\n"):
        piece = connection.recv(1)
        assert piece, raw
        raw += piece
    return raw


def everything(connection: socket.socket) -> bytes:
    return b"".join(iter(lambda: connection.recv(65536), b""))


def echo(connection: socket.socket) -> None:
    """Answers the request's head."""
    seen = head(connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\nX-App: yes\r\n\r\n%s" % (len(seen), seen))


# What passes ---------------------------------------------------------------------------------------------


def test_a_request_reaches_the_app_with_what_the_proxy_knows(street: Street) -> None:
    street.build(echo)
    status, fields, body = street.get("/a%20b?c=d", X_Forwarded_For="6.6.6.6")
    lines = body.decode().split("\r\n")
    assert status == 200
    assert fields["x-app"] == "yes"
    assert fields["connection"] == "close"
    assert lines[0] == "GET /a%20b?c=d HTTP/1.1"
    assert "X-Forwarded-For: 127.0.0.1" in lines
    assert "X-Forwarded-Proto: http" in lines
    assert f"X-Forwarded-Host: 127.0.0.1:{street.proxy.port}" in lines
    assert "Connection: close" in lines


def test_events_pass_as_they_come(street: Street) -> None:
    seen = threading.Event()

    def stream(connection: socket.socket) -> None:
        head(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: 1\n\n")
        assert seen.wait(SECONDS)
        connection.sendall(b"data: 2\n\n")

    street.build(stream)
    with street.visitor() as visitor:
        visitor.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        head(visitor)
        assert visitor.recv(9) == b"data: 1\n\n"
        seen.set()
        assert everything(visitor) == b"data: 2\n\n"


def test_a_websocket_talks_both_ways(street: Street) -> None:
    def upgrade(connection: socket.socket) -> None:
        assert b"Connection: Upgrade" in head(connection)
        connection.sendall(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n")
        while piece := connection.recv(100):
            connection.sendall(piece.upper())

    street.build(upgrade)
    with street.visitor() as visitor:
        visitor.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
        assert head(visitor).endswith(b"Upgrade: websocket\r\nConnection: Upgrade\r\n\r\n")
        for word in (b"one", b"two"):
            visitor.sendall(word)
            assert visitor.recv(3) == word.upper()


def test_large_bodies_pass_unchanged_in_both_directions(street: Street) -> None:
    body = bytes(range(256)) * 40_000

    def double(connection: socket.socket) -> None:
        head(connection)
        got = b""
        while len(got) < len(body):
            got += connection.recv(1 << 16)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % (2 * len(got)) + got + got)

    street.build(double)
    with closing(http.client.HTTPConnection("127.0.0.1", street.proxy.port, timeout=SECONDS)) as connection:
        connection.request("POST", "/", body)
        answer = connection.getresponse().read()
    assert hashlib.sha256(answer).digest() == hashlib.sha256(body * 2).digest()


def test_a_client_that_asks_first_whether_to_send(street: Street) -> None:
    def careful(connection: socket.socket) -> None:
        head(connection)
        connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        assert connection.recv(4) == b"body"
        connection.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")

    street.build(careful)
    with street.visitor() as visitor:
        visitor.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n")
        assert head(visitor) == b"HTTP/1.1 100 Continue\r\n\r\n"
        visitor.sendall(b"body")
        assert head(visitor) == b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n"


def test_an_app_may_answer_before_it_has_read_all(street: Street) -> None:
    answered = threading.Event()

    def refuse(connection: socket.socket) -> None:
        head(connection)
        connection.sendall(b"HTTP/1.1 413 Content Too Large\r\nContent-Length: 2\r\n\r\nno")
        connection.shutdown(socket.SHUT_WR)
        assert answered.wait(SECONDS)

    street.build(refuse)
    with street.visitor() as visitor:
        visitor.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9000000\r\n\r\n" + b"x" * 8_000_000)
        assert everything(visitor).endswith(b"no")
    answered.set()


def test_an_app_learns_that_its_visitor_left(street: Street) -> None:
    left = threading.Event()

    def wait(connection: socket.socket) -> None:
        head(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        assert connection.recv(1) == b""
        left.set()

    street.build(wait)
    with street.visitor() as visitor:
        visitor.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        head(visitor)
    assert left.wait(SECONDS)


def test_many_at_once(street: Street) -> None:
    street.build(echo)
    answers: list[int] = []
    threads = [threading.Thread(target=lambda: answers.append(street.get()[0])) for _ in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(SECONDS)
    assert answers == [200] * 50


# From one revision to the next ---------------------------------------------------------------------------


def test_a_switch_takes_new_visitors_and_leaves_the_old_ones(street: Street) -> None:
    arrived, finish = threading.Event(), threading.Event()

    def slow(connection: socket.socket) -> None:
        head(connection)
        arrived.set()
        assert finish.wait(SECONDS)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nold")

    old = street.build(slow)
    assert old.idle.is_set()
    with street.visitor() as visitor:
        visitor.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        assert arrived.wait(SECONDS)
        street.build(echo)
        assert street.get()[1]["x-app"] == "yes"
        assert not old.idle.is_set()
        finish.set()
        assert everything(visitor).endswith(b"old")
    assert old.idle.wait(SECONDS)


def test_a_revision_is_idle_when_the_last_of_its_visitors_left() -> None:
    upstream = Upstream(1)
    upstream.enter()
    upstream.enter()
    upstream.leave()
    assert not upstream.idle.is_set()
    upstream.leave()
    assert upstream.idle.is_set()


# What is answered in an app's place ----------------------------------------------------------------------


def test_while_nothing_serves_the_stage_is_told(street: Street) -> None:
    street.state = RuntimeState(stage=Stage.BUILDING, sha=None, error_message=None, port=0)
    status, fields, body = street.get()
    assert (status, fields["retry-after"], fields["content-type"]) == (503, "2", "application/json")
    assert json.loads(body) == {
        "stage": "BUILDING",
        "error": "This Space does not serve: its first image is being built.",
    }


def test_a_browser_gets_a_page(street: Street) -> None:
    street.state = RuntimeState(stage=Stage.PAUSED, sha=None, error_message=None, port=0)
    status, fields, body = street.get(Accept="text/html,*/*")
    assert (status, fields["content-type"]) == (503, "text/html; charset=utf-8")
    assert b"<h1>PAUSED</h1>" in body
    assert "retry-after" not in fields


@pytest.mark.parametrize("stage", list(Stage))
def test_there_is_a_page_for_every_stage(street: Street, stage: Stage) -> None:
    street.state = RuntimeState(stage=stage, sha=None, error_message=None, port=0)
    assert json.loads(street.get()[2])["stage"] == stage


def test_an_app_that_is_gone(street: Street) -> None:
    street.proxy.route(Upstream(free_port()))
    assert street.get()[0] == 503


@pytest.mark.parametrize(
    "answer", [b"", b"SSH-2.0-OpenSSH\r\n\r\n", b"HTTP/1.1 abc\r\n\r\n", b"HTTP/1.1 200 OK\r\nHalf"]
)
def test_an_app_that_does_not_speak_http(street: Street, answer: bytes) -> None:
    def mumble(connection: socket.socket) -> None:
        head(connection)
        connection.sendall(answer)

    street.build(mumble)
    assert street.get()[0] == 502


def test_an_app_that_hangs_up_on_an_upload(street: Street) -> None:
    street.build(head)
    with street.visitor() as visitor:
        visitor.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9000000\r\n\r\n" + b"x" * 5_000_000)
        assert everything(visitor).startswith(b"HTTP/1.1 502 ")


def test_an_app_that_dies_in_the_middle_cuts_the_connection(street: Street) -> None:
    def die(connection: socket.socket) -> None:
        head(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")

    street.build(die)
    with pytest.raises(http.client.IncompleteRead):
        street.get()


@pytest.mark.parametrize(
    ("request_", "status"),
    [(b"nonsense\r\n\r\n", b"400"), (b"GET / HTTP/1.1\r\nX: " + b"x" * 70_000 + b"\r\n\r\n", b"431")],
)
def test_what_is_no_request_is_told_so(street: Street, request_: bytes, status: bytes) -> None:
    with street.visitor() as visitor:
        visitor.sendall(request_)
        assert everything(visitor).split(b" ")[1] == status


def test_a_body_that_nobody_wants_does_not_lose_the_answer(street: Street) -> None:
    with street.visitor() as visitor:
        visitor.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 300000\r\n\r\n" + b"x" * 300_000)
        assert everything(visitor).startswith(b"HTTP/1.1 503 ")


def test_a_visitor_who_says_nothing_is_no_event(street: Street) -> None:
    with street.visitor():
        pass
    with street.visitor() as visitor:
        visitor.sendall(b"GET / HT")
    assert street.get()[0] == 503


def test_nothing_stays_open(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    street = Street(tmp_path)
    arrived = threading.Event()

    def hang(connection: socket.socket) -> None:
        head(connection)
        arrived.set()
        everything(connection)

    street.get()
    street.build(echo)
    street.get()
    street.build(lambda connection: None)
    street.get()
    street.build(hang)
    with street.visitor() as visitor, street.visitor():
        visitor.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        assert arrived.wait(SECONDS)
        street.close()
        assert everything(visitor) == b""
    del street
    # A socket or a task that was left open complains when it is collected, and a complaint is an error here.
    gc.collect()
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []


# Private Spaces ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("authorization", "status"),
    [(None, 404), ("Bearer wrong", 404), ("Basic good", 404), ("Bearer good", 200), ("bearer  good ", 200)],
)
def test_a_private_space_is_there_for_its_readers_only(street: Street, authorization: str | None, status: int) -> None:
    street.build(echo)
    viewers = Viewers(by_token=lambda token: token == "good")
    street.proxy.access = Access(private=True, viewers=viewers)
    assert street.get(**({"Authorization": authorization} if authorization else {}))[0] == status


def test_the_cookie_of_a_pass_stands_beside_those_of_the_app(street: Street) -> None:
    def serve(connection: socket.socket) -> None:
        head(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\nSet-Cookie: own=1\r\nContent-Length: 0\r\n\r\n")

    street.build(serve)
    street.proxy.access = Access(private=True, viewers=Viewers(by_pass=lambda token: token == "good"))
    with street.visitor() as visitor:
        visitor.sendall(b"GET /?__sign=good HTTP/1.1\r\nHost: x\r\n\r\n")
        answer = head(visitor)
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert b"Set-Cookie: own=1\r\n" in answer
    assert b"Set-Cookie: spaces-jwt=good; " in answer


def test_the_app_behind_a_gate_sees_no_token_of_the_hub(street: Street) -> None:
    street.build(echo)
    street.proxy.access = Access(private=True, viewers=Viewers(by_token=lambda token: token == "good"))
    _, _, body = street.get(Authorization="Bearer good")
    assert b"good" not in body
