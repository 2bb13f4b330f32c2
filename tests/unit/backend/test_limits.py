"""What a request may cost: size, depth, time, and how many there are at once."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Callable
from typing import Any

import pytest
from fastapi.testclient import TestClient
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import Message, Receive, Scope, Send

from app.config import Settings
from app.edge.limits import KIB, LET_PASS, Guard, Limits
from app.edge.metrics import Metrics
from app.factory import create_app

MIB = KIB * KIB
LogIn = Callable[[str], dict[str, str]]
REGISTER = "/api/v1/auth/register"
PROBLEM = "application/problem+json"
JSON = {"Content-Type": "application/json"}


def body(size: int) -> bytes:
    """A registration without a password, of this many bytes."""
    return b'{"username": "' + b"x" * (size - 16) + b'"}'


@pytest.mark.parametrize(("size", "status"), [(64 * KIB - 1, 422), (64 * KIB, 422), (64 * KIB + 1, 413)])
@pytest.mark.parametrize("announced", [True, False])
def test_a_body_has_a_limit(client: TestClient, size: int, status: int, announced: bool) -> None:
    content = body(size)
    pieces = content if announced else iter([content[: size // 2], content[size // 2 :]])
    answer = client.post(REGISTER, content=pieces, headers=JSON)
    assert (answer.status_code, answer.headers["Content-Type"]) == (status, PROBLEM)


def test_a_body_of_ten_megabytes_is_refused_before_it_is_read(client: TestClient) -> None:
    answer = client.post(REGISTER, content=b"x" * 10_000_000, headers=JSON)
    assert (answer.status_code, answer.json()["detail"]) == (413, "A body may have up to 65536 bytes here")


def test_an_import_may_be_larger(client: TestClient, log_in: LogIn) -> None:
    ann = log_in("ann") | JSON
    sent = {size: b'{"tasks": "' + b"x" * (size - 13) + b'"}' for size in (4 * KIB * KIB, 4 * KIB * KIB + 1)}
    answers = [client.post("/api/v1/tasks/import", content=content, headers=ann) for content in sent.values()]
    assert [len(content) - size for size, content in sent.items()] == [0, 0]
    assert [answer.status_code for answer in answers] == [422, 413]


@pytest.mark.parametrize("opening", [b"[", b'{"a":'])
@pytest.mark.parametrize("depth", [1_000, 10_000])
def test_json_that_is_nested_deeply_is_the_senders_fault(client: TestClient, opening: bytes, depth: int) -> None:
    answer = client.post(REGISTER, content=opening * depth, headers=JSON)
    assert answer.status_code in {400, 422}
    assert answer.headers["Content-Type"] == PROBLEM


def test_json_that_is_nested_a_hundred_thousand_times_is_refused(client: TestClient, log_in: LogIn) -> None:
    ann = log_in("ann") | JSON
    content = b"[" * 100_000 + b"]" * 100_000
    answer = client.post("/api/v1/tasks/import", content=content, headers=ann)
    assert answer.status_code in {400, 422}
    assert answer.headers["Content-Type"] == PROBLEM


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("/" + "x" * (8 * KIB), {}, 414),
        ("/health?" + "x" * (8 * KIB), {}, 414),
        ("/health", {"X-Long": "x" * (32 * KIB)}, 431),
        ("/health", {f"X-{number}": "x" * KIB for number in range(33)}, 431),
        ("/health", {"X-Long": "x" * (31 * KIB)}, 200),
    ],
    ids=["path", "query", "header", "headers", "just short enough"],
)
def test_addresses_and_headers_have_limits(client: TestClient, path: str, headers: dict[str, str], status: int) -> None:
    answer = client.get(path, headers=headers)
    assert answer.status_code == status
    assert len(answer.headers["X-Request-ID"]) == 16


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    await PlainTextResponse(await Request(scope, receive).body())(scope, receive, send)


def scope_of(method: str = "POST") -> Scope:
    return {"type": "http", "method": method, "path": "/", "query_string": b"", "headers": []}


async def answered(guard: Guard, receive: Receive) -> list[Message]:
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    await guard(scope_of(), receive, send)
    return sent


def test_a_body_that_does_not_come_is_not_waited_for() -> None:
    async def never() -> Message:
        await asyncio.Event().wait()
        raise AssertionError

    async def refused() -> Any:
        try:
            await answered(Guard(echo, Limits(body_seconds=0), Metrics()), never)
        except Exception as error:  # noqa: BLE001  # whatever reaches the app
            return error

    error = asyncio.run(refused())
    assert (error.status_code, error.headers) == (408, {"Connection": "close"})


@pytest.mark.parametrize(("pieces", "taken"), [(3, 3), (40, LET_PASS // MIB)])
def test_what_is_announced_as_too_large_is_thrown_away_before_the_answer(pieces: int, taken: int) -> None:
    """Else the answer may be lost when the connection is closed on what is still unread."""
    sent, given = asyncio.run(refused(pieces, [(b"content-length", b"%d" % (pieces * MIB))]))
    assert (sent[0]["status"], given) == (413, taken)


@pytest.mark.parametrize(("pieces", "taken"), [(3, 3), (40, LET_PASS // MIB + 1)])
def test_what_turns_out_to_be_too_large_is_thrown_away_too(pieces: int, taken: int) -> None:
    sent, given = asyncio.run(refused(pieces, []))
    assert (sent, given) == ([], taken)


async def refused(pieces: int, headers: list[tuple[bytes, bytes]]) -> tuple[list[Message], int]:
    """What is sent, and how many pieces of a mebibyte are taken in, of a body of so many."""
    sent: list[Message] = []
    given = 0

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        nonlocal given
        given += 1
        return {"type": "http.request", "body": b"x" * MIB, "more_body": given < pieces}

    with contextlib.suppress(HTTPException):  # of a body that is being read, for the app to answer
        await Guard(echo, Limits(), Metrics())({**scope_of(), "headers": headers}, receive, send)
    return sent, given


def test_who_stops_in_the_midst_of_what_is_too_large_is_answered_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.edge.limits.LET_PASS_SECONDS", 0.01)
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        await asyncio.Event().wait()
        raise AssertionError

    scope = {**scope_of(), "headers": [(b"content-length", b"65537")]}
    asyncio.run(Guard(echo, Limits(), Metrics())(scope, receive, send))
    assert sent[0]["status"] == 413


def test_a_body_that_came_may_be_worked_on_for_as_long_as_it_takes() -> None:
    async def receive() -> Message:
        return {"type": "http.request", "body": b"all", "more_body": False}

    sent = asyncio.run(answered(Guard(echo, Limits(body_seconds=30), Metrics()), receive))
    assert (sent[0]["status"], sent[1]["body"]) == (200, b"all")


def test_too_many_requests_at_once_are_asked_to_come_back(settings: Settings) -> None:
    app = create_app(settings)
    app.metrics.at_once = Limits().at_once
    with TestClient(app) as client:
        refused = client.get("/health")
        app.metrics.at_once -= 1
        served = client.get("/health")
    assert (refused.status_code, refused.headers["Retry-After"]) == (503, "1")
    assert json.loads(refused.content)["status"] == 503
    assert served.status_code == 200


def test_streams_are_not_among_them(settings: Settings) -> None:
    app = create_app(settings)
    with TestClient(app) as client:
        app.metrics.at_once = Limits().at_once + 7
        app.metrics.watch(streams=lambda: 8, connections=lambda: 0)
        assert client.get("/health").status_code == 200


def test_the_count_goes_down_again_whatever_happens(settings: Settings) -> None:
    app = create_app(settings)

    @app.get("/fails")
    async def fails() -> None:
        raise RuntimeError

    with TestClient(app) as client:
        for path in ("/health", "/nowhere", "/fails"):
            client.get(path)
    assert app.metrics.at_once == 0
