"""What whoever runs the service sees of it: its log, its end, and where its telemetry goes."""

from __future__ import annotations

import gzip
import json
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from tests.real.backend import KEY, PASSWORD, SOURCE, Backend
from tests.real.processes import LOOPBACK, await_start, end, free_port, listens

Prepare = Callable[..., Backend]
STOPPED = -signal.SIGTERM  # uvicorn ends itself by the signal that it was told by, when it is done


def test_every_line_of_its_life_is_json_and_none_holds_a_secret(prepare: Prepare) -> None:
    token = "the token of the metrics"
    backend = prepare(METRICS_TOKEN=token)
    backend.start()
    ann = backend.sign_up("ann")
    access = ann.headers["Authorization"].split()[1]
    for path in (
        "/",
        "/api/v1/tasks?q=words",
        "/nowhere",
        f"/health?{access}",
        "/api/v1/tasks/01a205b5-5882-7954-aa53-fcd24b1730bf",
    ):
        ann.get(path)
    ann.get("/metrics", headers={"Authorization": f"Bearer {token}"})
    assert backend.stop() == STOPPED

    lines = backend.records()
    assert all(line.keys() >= {"time", "level", "message", "revision"} for line in lines)
    assert [line["message"] for line in lines if "storage: ephemeral" in line["message"]] != []
    routes = [line["route"] for line in lines if "route" in line]
    asked = ["/{file}", "/api/v1/tasks", "unmatched", "/health", "/api/v1/tasks/{task_id}", "/metrics"]
    assert sorted(routes[2:]) == sorted(asked)  # a file is closed, and its line written, when the next request is there
    for secret in (KEY, PASSWORD, access, token, "words"):
        assert secret not in backend.log


def test_the_log_is_the_same_under_a_server_without_flags(tmp_path: Path) -> None:
    port = free_port()
    log = tmp_path / "log"
    with log.open("wb") as file:
        process = subprocess.Popen(
            [sys.executable, "-m", "uvicorn", "main:app", "--port", str(port)],
            cwd=SOURCE,
            env={"JWT_KEY_A": KEY, "DATA_DIR": str(tmp_path), "PYTHONDONTWRITEBYTECODE": "1"},
            stdout=file,
            stderr=file,
        )
    await_start(process, lambda: listens(port), log)
    with socket.create_connection((LOOPBACK, port)) as line:
        line.sendall(b"GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        assert line.recv(64).startswith(b"HTTP/1.1 200")
    assert end(process) == STOPPED

    lines = [json.loads(text) for text in log.read_text().splitlines()]
    assert [line["message"] for line in lines if line.get("route")] == ["GET /health 200"]
    assert "Application startup complete." in [line["message"] for line in lines]


@pytest.mark.parametrize("level", ["warning", "ERROR"])
def test_a_higher_level_leaves_the_requests_out(prepare: Prepare, level: str) -> None:
    backend = prepare(LOG_LEVEL=level)
    backend.start()
    backend.client().get("/health").raise_for_status()
    assert backend.stop() == STOPPED
    assert {line["level"] for line in backend.records()} <= {"warning", "error"}


def test_a_request_under_way_is_answered_before_the_end(prepare: Prepare) -> None:
    backend = prepare()
    backend.start()
    body = json.dumps({"username": "ann", "password": PASSWORD}).encode()
    head = f"POST /api/v1/auth/register HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n"
    with socket.create_connection((LOOPBACK, backend.port)) as line:
        line.sendall(head.encode() + b"Content-Type: application/json\r\nExpect: 100-continue\r\n\r\n")
        assert line.recv(64).startswith(b"HTTP/1.1 100")  # the app is reading the body
        stopping = Thread(target=backend.stop)
        stopping.start()
        while listens(backend.port):
            """Until it takes no more connections."""
        line.sendall(body)
        assert line.recv(4096).startswith(b"HTTP/1.1 201")
        stopping.join()
    assert backend.records()[-1]["message"].startswith("Finished server process")


@contextmanager
def collector() -> Iterator[tuple[str, list[bytes]]]:
    """An OTLP receiver: its address, and what arrived at /v1/traces."""
    received: list[bytes] = []

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:  # http.server's name for it
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if self.path == "/v1/traces":
                received.append(gzip.decompress(body) if self.headers.get("Content-Encoding") == "gzip" else body)
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Nobody reads it."""

    server = ThreadingHTTPServer((LOOPBACK, 0), Receiver)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://{LOOPBACK}:{server.server_port}", received
    server.shutdown()
    thread.join()
    server.server_close()


def spans(received: list[bytes]) -> Iterator[Span]:
    for body in received:
        for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
            for scope in resource.scope_spans:
                yield from scope.spans


def test_spans_go_where_the_environment_says(prepare: Prepare) -> None:
    with collector() as (address, received):
        backend = prepare(OTEL_EXPORTER_OTLP_ENDPOINT=address, OTEL_SERVICE_NAME="tasks")
        backend.start()
        ann = backend.sign_up("ann")
        ann.get(
            "/api/v1/tasks/01a205b5-5882-7954-aa53-fcd24b1730bf",
            headers={"traceparent": f"00-{'a' * 32}-{'b' * 16}-01"},
        )
        assert backend.stop() == STOPPED

    [span] = [span for span in spans(received) if span.name == "GET /api/v1/tasks/{task_id}"]
    attributes = {attribute.key: attribute.value for attribute in span.attributes}
    assert attributes["http.route"].string_value == "/api/v1/tasks/{task_id}"
    assert attributes["http.response.status_code"].int_value == 404
    assert (span.trace_id.hex(), span.parent_span_id.hex()) == ("a" * 32, "b" * 16)
    told = b"".join(received)
    assert b"tasks" in told
    for secret in (PASSWORD, KEY, ann.headers["Authorization"].split()[1]):
        assert secret.encode() not in told
