"""What answers say to browsers: policies, frames, caches, and pages of other origins."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from app.config import load_settings
from app.edge import headers
from app.factory import create_app

LISTED = "https://b.example"


def directives(policy: str) -> dict[str, str]:
    return {name: rest for name, _, rest in (part.strip().partition(" ") for part in policy.split(";"))}


@pytest.fixture
def listed(environ: dict[str, str]) -> Iterator[TestClient]:
    app = create_app(load_settings(environ | {"CORS_ORIGINS": f"https://a.example, {LISTED}"}))

    @app.get("/fails")
    async def fails() -> None:
        raise RuntimeError

    with TestClient(app) as client:
        yield client


@pytest.mark.parametrize("path", ["/", "/assets/icon.svg", "/docs", "/docs/start.js"])
def test_a_page_loads_its_own_files_alone(client: TestClient, path: str) -> None:
    policy = directives(client.get(path).headers["Content-Security-Policy"])
    assert policy["default-src"] == "'none'"
    assert {policy[f"{kind}-src"] for kind in ("script", "connect", "font", "manifest")} == {"'self'"}
    assert policy["base-uri"] == "'none'"
    assert policy["form-action"] == "'self'"


def test_styles_are_files_but_in_the_docs(client: TestClient) -> None:
    styles = [directives(client.get(path).headers["Content-Security-Policy"])["style-src"] for path in ("/", "/docs")]
    assert styles == ["'self'", "'self' 'unsafe-inline'"]


def test_the_page_may_be_shown_inside_the_platform(client: TestClient) -> None:
    answered = client.get("/").headers
    frames = directives(answered["Content-Security-Policy"])["frame-ancestors"].split()
    assert frames == ["'self'", "https://huggingface.co", "https://*.huggingface.co", "https://*.hf.space"]
    assert "X-Frame-Options" not in answered


@pytest.mark.parametrize("path", ["/api/v1/tasks", "/health", "/openapi.json", "/nowhere"])
def test_data_is_no_page_and_is_kept_by_no_cache(client: TestClient, path: str) -> None:
    headers = client.get(path).headers
    policy = directives(headers["Content-Security-Policy"])
    assert (policy["default-src"], policy["frame-ancestors"]) == ("'none'", "'none'")
    assert headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("path", ["/", "/docs", "/health", "/nowhere"])
def test_every_answer_is_what_it_says_and_tells_no_other_site(client: TestClient, path: str) -> None:
    headers = client.get(path).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "X-Frame-Options" not in headers
    assert "Server" not in headers


def test_no_header_is_there_twice(client: TestClient) -> None:
    for path in ("/", "/docs", "/health", "/nowhere", "/api/v1/tasks"):
        names = [name for name, _ in client.get(path).headers.multi_items()]
        assert len(names) == len(set(names))


def test_what_a_route_says_of_caches_counts() -> None:
    own = [(b"cache-control", b"private")]
    names = [name for name, _ in headers.completed(own, "/api/v1/x", https=False, request_id="0123-4567")]
    assert names.count(b"cache-control") == 1
    assert b"content-security-policy" in names


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_browsers_are_held_to_https_once_they_came_by_it(client: TestClient, scheme: str) -> None:
    answer = client.get("/", headers={"X-Forwarded-Proto": scheme})
    assert ("Strict-Transport-Security" in answer.headers) == (scheme == "https")


def preflight(client: TestClient, **changes: str) -> dict[str, str]:
    asked = {
        "Origin": LISTED,
        "Access-Control-Request-Method": "PATCH",
        "Access-Control-Request-Headers": "authorization, content-type, if-match, if-none-match, last-event-id",
    }
    answer = client.options("/api/v1/tasks", headers=asked | changes)
    return {"status": str(answer.status_code), "media": answer.headers["Content-Type"], **answer.headers}


def test_a_listed_origin_may_ask_for_all_that_the_page_needs(listed: TestClient) -> None:
    answer = preflight(listed)
    assert (answer["status"], answer["access-control-allow-origin"]) == ("200", LISTED)
    assert "access-control-allow-credentials" not in answer
    assert "x-request-id" in answer


@pytest.mark.parametrize(
    ("changed", "to"),
    [
        ("Origin", "https://c.example"),
        ("Access-Control-Request-Method", "PUT"),
        ("Access-Control-Request-Headers", "x-other"),
    ],
)
def test_anything_else_is_refused_with_a_problem(listed: TestClient, changed: str, to: str) -> None:
    answer = preflight(listed, **{changed: to})
    assert (answer["status"], answer["media"]) == ("400", "application/problem+json")
    if changed == "Origin":
        assert "access-control-allow-origin" not in answer


@pytest.mark.parametrize(("path", "status"), [("/health", 200), ("/nowhere", 404), ("/fails", 500)])
def test_a_page_of_a_listed_origin_may_read_answers_and_errors(listed: TestClient, path: str, status: int) -> None:
    answer = listed.get(path, headers={"Origin": LISTED})
    assert (answer.status_code, answer.headers["Access-Control-Allow-Origin"]) == (status, LISTED)
    exposed = answer.headers["Access-Control-Expose-Headers"].split(", ")
    assert exposed == ["ETag", "Location", "Retry-After", "X-Request-ID"]
    assert "Origin" in answer.headers["Vary"]


def test_a_refused_body_may_be_read_too(listed: TestClient) -> None:
    answer = listed.post("/api/v1/auth/login", content=b"x" * 70_000, headers={"Origin": LISTED})
    assert (answer.status_code, answer.headers["Access-Control-Allow-Origin"]) == (413, LISTED)


def test_other_origins_are_told_nothing(listed: TestClient, client: TestClient) -> None:
    for answer in (
        listed.get("/health", headers={"Origin": "https://c.example"}),
        client.get("/health", headers={"Origin": LISTED}),
    ):
        assert "Access-Control-Allow-Origin" not in answer.headers
