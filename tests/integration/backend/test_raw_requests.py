"""Requests that no client library would send, on a raw socket: each is refused, and the server goes on."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from dataclasses import dataclass

import httpx2
import pytest

from tests.real.backend import Backend, prepared_backend
from tests.real.processes import LOOPBACK

TASKS = "/api/v1/tasks"
MIB = 1024 * 1024


@dataclass(frozen=True, kw_only=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    def assert_problem(self, *statuses: int) -> None:
        """That it refuses with one of these, in a problem document that can be found again in the log."""
        assert self.status in statuses, self
        assert self.headers["content-type"] == "application/problem+json"
        document = json.loads(self.body)
        assert (document["type"], document["status"]) == ("about:blank", self.status)
        assert document["request_id"] == self.headers["x-request-id"]


class Line:
    """A connection of which every byte is ours."""

    def __init__(self, backend: Backend) -> None:
        self.socket = socket.create_connection((LOOPBACK, backend.port), timeout=30)
        self._reader = self.socket.makefile("rb")

    def close(self) -> None:
        self._reader.close()
        self.socket.close()

    def send(self, data: bytes) -> None:
        """As much as the server takes: it may refuse and close before all of it is sent."""
        try:
            self.socket.sendall(data)
        except (BrokenPipeError, ConnectionResetError):
            return

    def answer(self) -> Answer:
        status = int(self._reader.readline().split()[1])
        headers: dict[str, str] = {}
        while line := self._reader.readline().strip():
            name, _, value = line.decode("latin-1").partition(":")
            headers[name.lower()] = value.strip()
        return Answer(status=status, headers=headers, body=self._reader.read(int(headers.get("content-length", 0))))

    @property
    def ended(self) -> bool:
        """Whether the server has closed it, having nothing more to say."""
        try:
            return self._reader.read(1) == b""
        except ConnectionResetError:
            return True


@pytest.fixture(scope="module")
def module_backend(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Backend]:
    """One server for all these requests: none of them may harm it for the next."""
    with prepared_backend(tmp_path_factory.mktemp("backend"), {}) as backend:
        backend.start()
        yield backend


@pytest.fixture(scope="module")
def ann(module_backend: Backend) -> httpx2.Client:
    return module_backend.sign_up("ann")


@pytest.fixture
def line(module_backend: Backend, ann: httpx2.Client) -> Iterator[Line]:
    """A connection; afterwards the server serves as before, and nothing unforeseen was logged."""
    line = Line(module_backend)
    yield line
    line.close()
    assert ann.get(TASKS).status_code == 200
    assert [record for record in module_backend.records() if record["level"] == "error"] == []


def head(ann: httpx2.Client, *more: str, path: str = TASKS, media: str = "application/json") -> bytes:
    lines = [f"POST {path} HTTP/1.1", "Host: localhost", f"Authorization: {ann.headers['Authorization']}"]
    return "\r\n".join([*lines, f"Content-Type: {media}", *more, "", ""]).encode("latin-1")


def whole(ann: httpx2.Client, body: bytes, **options: str) -> bytes:
    return head(ann, f"Content-Length: {len(body)}", **options) + body


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)


def test_a_body_that_breaks_off_is_no_request(line: Line, ann: httpx2.Client, module_backend: Backend) -> None:
    before = ann.get(TASKS).json()
    line.send(head(ann, "Content-Length: 1000") + b'{"title": "half')
    line.socket.shutdown(socket.SHUT_WR)
    assert line.ended
    assert ann.get(TASKS).json() == before


def test_a_body_over_the_limit_is_refused_before_it_is_read(line: Line, ann: httpx2.Client) -> None:
    line.send(head(ann, f"Content-Length: {10 * MIB}"))
    line.answer().assert_problem(413)


def test_a_body_over_the_limit_that_comes_all_the_same(line: Line, ann: httpx2.Client) -> None:
    line.send(whole(ann, b'{"title": "' + b"x" * (10 * MIB) + b'"}'))
    line.answer().assert_problem(413)


def test_chunks_over_the_limit_are_refused_though_nobody_said_how_long(line: Line, ann: httpx2.Client) -> None:
    line.send(head(ann, "Transfer-Encoding: chunked"))
    for _ in range(64):
        line.send(chunk(b"x" * 16 * 1024))
    line.answer().assert_problem(413)


def test_chunks_within_the_limit_are_a_request(line: Line, ann: httpx2.Client) -> None:
    line.send(head(ann, "Transfer-Encoding: chunked") + chunk(b'{"title": ') + chunk(b'"in parts"}') + chunk(b""))
    answer = line.answer()
    assert (answer.status, json.loads(answer.body)["title"]) == (201, "in parts")


@pytest.mark.parametrize("opening", [b"[", b'{"a":'], ids=["lists", "objects"])
@pytest.mark.parametrize("depth", [1_000, 10_000])
def test_deeply_nested_json(line: Line, ann: httpx2.Client, opening: bytes, depth: int) -> None:
    closing = {b"[": b"]", b'{"a":': b"}"}[opening]
    line.send(whole(ann, opening * depth + b"1" + closing * depth))
    line.answer().assert_problem(400, 413, 422)


def test_json_nested_as_deeply_as_an_import_lets_in(line: Line, ann: httpx2.Client) -> None:
    body = b'{"format": "task-service/1", "tasks": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"
    line.send(whole(ann, body, path=f"{TASKS}/import"))
    line.answer().assert_problem(400, 422)


@pytest.mark.parametrize("media", ["text/plain", "application/x-www-form-urlencoded", "application/xml", ""])
def test_what_is_not_declared_json(line: Line, ann: httpx2.Client, media: str) -> None:
    line.send(whole(ann, b'{"title": "x"}', media=media))
    line.answer().assert_problem(415, 422)


@pytest.mark.parametrize(
    "body",
    [
        b'{"title": "a\\u0000b"}',
        b'{"title": "a\x00b"}',
        b'{"title": "\\ud800"}',
        b'{"title": "\\udc00\\ud800"}',
        b'{"title": "\xed\xa0\x80"}',
        b'{"title": "\xff\xfe"}',
        b'{"title": "x", "due": NaN}',
        b'{"title": "x", "due": 1e400}',
        b'{"title": 1' + b"0" * 20_000 + b"}",
        b'{"title": "x"} {"title": "y"}',
        b'{"title": "x"',
        b"\xef\xbb\xbf",
        b"",
        b"null",
    ],
    ids=[
        *("NUL escaped", "NUL", "surrogate", "surrogates reversed", "surrogate as UTF-8", "not UTF-8", "NaN"),
        *("infinite", "very long number", "two documents", "truncated", "a mark alone", "empty", "null"),
    ],
)
def test_bodies_that_are_no_task(line: Line, ann: httpx2.Client, body: bytes) -> None:
    line.send(whole(ann, body))
    line.answer().assert_problem(400, 422)


@pytest.mark.parametrize(
    "target",
    [
        f"{TASKS}?q=%00",
        f"{TASKS}?q=%ff%fe",
        f"{TASKS}?q=%ed%a0%80",
        f"{TASKS}?limit=99999999999999999999999999",
        f"{TASKS}?cursor=%00",
        f"{TASKS}?tag={'x' * 5000}",
        f"{TASKS}/%00",
        f"{TASKS}/..%2f..%2fetc%2fpasswd",
        f"{TASKS}/' OR 1=1 --".replace(" ", "%20"),
    ],
)
def test_addresses_that_lead_nowhere(line: Line, ann: httpx2.Client, target: str) -> None:
    line.send(head(ann, path=target).replace(b"POST", b"GET", 1))
    answer = line.answer()
    if answer.status != 200:
        answer.assert_problem(400, 404, 422)


@pytest.mark.parametrize(
    "token", ["Bearer", "Bearer ", "Bearer \xe4\xf6", "Basic YW5uOmFubg==", f"Bearer {'x' * 8_000}", "Bearer a b"]
)
def test_authorizations_that_are_none(line: Line, ann: httpx2.Client, token: str) -> None:
    line.send(f"GET {TASKS} HTTP/1.1\r\nHost: localhost\r\nAuthorization: {token}\r\n\r\n".encode("latin-1"))
    answer = line.answer()
    answer.assert_problem(401)
    assert answer.headers["www-authenticate"].startswith("Bearer")


@pytest.mark.parametrize(
    "request_line", ["GET", "\x16\x03\x01", "GET / HTTP/9.9", "G\xe4T / HTTP/1.1", "GET  /  HTTP/1.1 and more"]
)
def test_what_is_not_http_ends_the_connection(line: Line, ann: httpx2.Client, request_line: str) -> None:
    line.send(f"{request_line}\r\n\r\n".encode("latin-1"))
    assert line.answer().status == 400
    assert line.ended


def test_two_lengths_are_no_request(line: Line, ann: httpx2.Client) -> None:
    """Request smuggling (RFC 9112, 6.3): what a proxy and we read differently must not be served."""
    body = b'{"title": "smuggled"}'
    line.send(head(ann, f"Content-Length: {len(body)}", "Content-Length: 0") + body)
    assert line.answer().status == 400
    assert "smuggled" not in ann.get(TASKS).text


def test_slow_clients_hold_nobody_up(line: Line, ann: httpx2.Client, module_backend: Backend) -> None:
    """More of them than the database has connections, each with half a request."""
    slow = [Line(module_backend) for _ in range(100)]
    for one in slow:
        one.send(head(ann, "Content-Length: 20") + b'{"title":')
    assert ann.post(TASKS, json={"title": "at once"}).status_code == 201
    for one in slow:
        one.send(b' "at last"}')
        assert one.answer().status == 201
        one.close()
