"""What Prometheus is told, and who may ask."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from fastapi.testclient import TestClient
from prometheus_client.parser import text_string_to_metric_families

from app.config import load_settings
from app.factory import create_app

LogIn = Callable[[str], dict[str, str]]
TOKEN = "of nobody but Prometheus"
Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]


@pytest.fixture
def client(environ: dict[str, str]) -> Iterator[TestClient]:
    with TestClient(create_app(load_settings(environ | {"METRICS_TOKEN": TOKEN}))) as client:
        yield client


def read(client: TestClient) -> Samples:
    answer = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/plain; version=")
    families = text_string_to_metric_families(answer.text)
    return {(one.name, frozenset(one.labels.items())): one.value for family in families for one in family.samples}


def value(samples: Samples, name: str, **labels: str) -> float:
    return samples[name, frozenset(labels.items())]


def test_without_a_token_there_are_none(environ: dict[str, str]) -> None:
    with TestClient(create_app(load_settings(environ))) as client:
        answers = [client.get("/metrics", headers=headers) for headers in ({}, {"Authorization": "Bearer "})]
    assert [answer.status_code for answer in answers] == [404, 404]


@pytest.mark.parametrize(
    "header", [None, "", "Bearer", "Bearer wrong", f"Bearer {TOKEN}x", f"Basic {TOKEN}", TOKEN, "Bearer ü"]
)
def test_without_the_right_token_they_are_closed(client: TestClient, header: str | None) -> None:
    answer = client.get("/metrics", headers={} if header is None else {b"Authorization": header.encode("latin-1")})
    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")
    assert "http_requests" not in answer.text


def test_requests_are_counted_by_route_and_not_by_path(client: TestClient, log_in: LogIn) -> None:
    ann = log_in("ann")
    for number in range(3):
        client.get(f"/api/v1/tasks/00000000-0000-7000-8000-00000000000{number}", headers=ann)
        client.get(f"/nowhere/{number}")
        client.request(f"STRANGE{number}", "/health")

    samples = read(client)

    route = "/api/v1/tasks/{task_id}"
    assert value(samples, "http_requests_total", method="GET", route=route, status="404") == 3
    assert value(samples, "http_request_duration_seconds_count", method="GET", route=route) == 3
    assert value(samples, "http_requests_total", method="GET", route="unmatched", status="404") == 3
    assert value(samples, "http_requests_total", method="OTHER", route="/health", status="405") == 3


def test_logins_are_counted_by_their_outcome(client: TestClient, password: str) -> None:
    client.post("/api/v1/auth/register", json={"username": "ann", "password": password})
    for given in (password, "wrong", "wrong"):
        client.post("/api/v1/auth/login", data={"username": "ann", "password": given})
    samples = read(client)
    assert value(samples, "logins_total", outcome="ok") == 1
    assert value(samples, "logins_total", outcome="failed") == 2


def test_what_is_in_use_is_told(client: TestClient) -> None:
    samples = read(client)
    assert value(samples, "http_requests_in_progress") == 1  # this one
    assert value(samples, "event_streams") == 0
    assert value(samples, "database_connections") == 0
    assert value(samples, "process_resident_memory_bytes") > 1_000_000
    assert value(samples, "process_start_time_seconds") > 0


def test_each_app_counts_for_itself(environ: dict[str, str], client: TestClient) -> None:
    client.get("/version")
    with TestClient(create_app(load_settings(environ | {"METRICS_TOKEN": TOKEN}))) as other:
        assert all("/version" not in dict(labels).values() for _, labels in read(other))
    assert value(read(client), "http_requests_total", method="GET", route="/version", status="200") == 1
