"""What is written to the log, and what never is."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient

from app.config import Settings
from app.edge import logs
from app.factory import create_app

LogIn = Callable[[str], dict[str, str]]
TOKEN = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbm4ifQ.c2lnbmF0dXJl"


@pytest.fixture
def lines() -> list[str]:
    return []


@pytest.fixture
def client(settings: Settings, lines: list[str]) -> Iterator[TestClient]:
    with TestClient(create_app(settings, revision="5e1f", write=lines.append)) as client:
        yield client


def written(lines: list[str]) -> list[dict[str, Any]]:
    assert all(line.endswith("\n") and line.count("\n") == 1 for line in lines)
    return [json.loads(line) for line in lines]


@pytest.mark.usefixtures("requests_logged")
def test_a_request_is_one_line_that_names_its_route(client: TestClient, log_in: LogIn, lines: list[str]) -> None:
    ann = log_in("ann")
    me = client.get("/api/v1/auth/me", headers=ann).json()
    made = client.post("/api/v1/tasks", json={"title": "Write"}, headers=ann)
    lines.clear()

    answer = client.get(made.headers["Location"] + "?note=sekret", headers=ann | {"X-Request-ID": "0123-4567"})

    assert answer.status_code == 200
    [line] = written(lines)
    assert line.pop("duration_ms") >= 0
    assert line.pop("time").endswith("Z")
    assert line == {
        "level": "info",
        "message": "GET /api/v1/tasks/{task_id} 200",
        "request_id": "0123-4567",
        "method": "GET",
        "route": "/api/v1/tasks/{task_id}",
        "status": 200,
        "user_id": me["id"],
        "client": "testclient",
        "revision": "5e1f",
    }


@pytest.mark.usefixtures("requests_logged")
@pytest.mark.parametrize(
    ("method", "path", "logged"),
    [
        ("GET", "/sekret", ("unmatched", 404)),
        ("GET", "/", ("/{file}", 200)),
        ("GET", "/assets/icon.svg", ("/{file}", 200)),
        ("GET", "/docs/files/swagger-ui.css", ("/docs/files/{path}", 200)),
        ("OPTIONS", "/sekret", ("unmatched", 404)),
        ("SEKRET", "/api/v1/tasks", ("/api/v1/tasks", 405)),
    ],
)
def test_what_a_stranger_made_up_is_in_no_line(
    client: TestClient, lines: list[str], method: str, path: str, logged: tuple[str, int]
) -> None:
    client.request(method, path, headers={"X-Request-ID": "sekret sekret", "User-Agent": "sekret"})
    [line] = written(lines)
    assert (line["route"], line["status"]) == logged
    assert line["user_id"] is None
    assert "sekret" not in lines[0].lower()


@pytest.mark.usefixtures("requests_logged")
def test_no_password_and_no_token_is_in_the_log(
    client: TestClient, log_in: LogIn, lines: list[str], password: str, caplog: pytest.LogCaptureFixture
) -> None:
    ann = log_in("ann")
    token = ann["Authorization"].split()[1]
    with caplog.at_level(logging.DEBUG):
        client.get(f"/api/v1/tasks?token={token}", headers=ann)
        client.get("/api/v1/tasks", headers={"Authorization": f"Bearer {token}x"})
        client.post("/api/v1/auth/login", data={"username": "ann", "password": f"not {password}"})
        client.post("/api/v1/auth/refresh", json={"refresh_token": token})
    own = [record.getMessage() for record in caplog.records if not record.name.startswith("httpx2")]  # the client's
    told = "".join(lines + own)
    assert len(lines) == 6
    assert password not in told
    assert token not in told


def test_below_its_level_a_request_is_not_written(client: TestClient, lines: list[str]) -> None:
    logging.getLogger("app.edge.outermost").setLevel(logging.WARNING)
    client.get("/health")
    logging.getLogger("app.edge.outermost").setLevel(logging.NOTSET)
    assert lines == []


def test_a_failure_is_one_line_with_its_traceback(settings: Settings, lines: list[str]) -> None:
    app = create_app(settings, revision="5e1f", write=lines.append)

    @app.get("/fails/{number}")
    async def fails(number: int) -> None:
        raise RuntimeError(f"with {TOKEN} at postgresql://ann:pass@word@host/db")

    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logs.JsonLines("5e1f"))
    logging.getLogger("app").addHandler(handler)
    with TestClient(app) as client:
        answer = client.get("/fails/1")
    logging.getLogger("app").removeHandler(handler)

    failure = json.loads(stream.getvalue().splitlines()[-1])
    assert (failure["level"], failure["message"]) == ("error", "GET /fails/{number} failed")
    assert failure["request_id"] == answer.json()["request_id"]
    assert failure["exception"].startswith("Traceback")
    assert failure["exception"].endswith("RuntimeError: with [REDACTED] at postgresql://ann:[REDACTED]@host/db")
    [line] = written(lines)
    assert (line["level"], line["status"], line["request_id"]) == ("error", 500, failure["request_id"])


@pytest.mark.parametrize(
    ("text", "left"),
    [
        (f"x {TOKEN} y", "x [REDACTED] y"),
        ("Authorization: Bearer abc.def-ghi/=", "Authorization: [REDACTED]"),
        ("bearer  abcdefgh", "[REDACTED]"),
        ("redis://:secret@host:6379/0", "redis://:[REDACTED]@host:6379/0"),
        ("postgresql://ann:p:a@s@host/db", "postgresql://ann:[REDACTED]@host/db"),
        ("https://host:8080/a@b", "https://host:8080/a@b"),
        ("the bearer of news", "the bearer of news"),
    ],
)
def test_what_looks_like_a_secret_is_struck_out(text: str, left: str) -> None:
    assert logs.without_secrets(text) == left


def test_a_line_holds_what_its_record_does() -> None:
    record = logging.LogRecord("uvicorn.error", logging.WARNING, "", 0, 'two\n"%s"', ("lines",), None)
    record.created = 1_795_390_000.0417
    assert json.loads(logs.JsonLines("5e1f").format(record)) == {
        "time": "2026-11-22T23:26:40.041Z",
        "level": "warning",
        "message": 'two\n"lines"',
        "logger": "uvicorn.error",
        "revision": "5e1f",
    }
