"""Errors as problem documents, the OpenAPI document, and pages of other origins."""

from __future__ import annotations

import logging

import pytest
from fastapi.testclient import TestClient
from sqlalchemy.exc import OperationalError

from app.config import load_settings
from app.edge import problems
from app.factory import MAX_BODY_BYTES, create_app

PROBLEM = "application/problem+json"


def test_an_invalid_request_is_explained_without_what_was_sent(client: TestClient) -> None:
    answer = client.post("/api/v1/auth/register", json={"username": "ann", "password": "sekret"})
    assert (answer.status_code, answer.headers["Content-Type"]) == (422, PROBLEM)
    problem = answer.json()
    assert (problem["type"], problem["status"]) == ("about:blank", 422)
    assert problem["errors"] == [{"field": "body.password", "detail": "String should have at least 12 characters"}]
    assert "sekret" not in answer.text


@pytest.mark.parametrize(
    ("content", "media"),
    [
        (b'{"username": "ann", "password":', "application/json"),
        (b'{"username": "ann", "password": "correct horse battery\\ud800"}', "application/json"),
        (b"\xff\xfe", "application/json"),
        (b'{"username": "ann", "password": "correct horse battery"}', "text/plain"),
        (b"[" * 10_000, "application/json"),
    ],
    ids=["truncated", "surrogate", "not UTF-8", "wrong type", "deeply nested"],
)
def test_a_body_that_cannot_be_read_is_the_senders_fault(client: TestClient, content: bytes, media: str) -> None:
    answer = client.post("/api/v1/auth/register", content=content, headers={"Content-Type": media})
    assert 400 <= answer.status_code < 500
    assert answer.headers["Content-Type"] == PROBLEM


def test_a_body_has_a_limit(client: TestClient) -> None:
    assert client.post("/api/v1/auth/login", content=b"x" * (MAX_BODY_BYTES + 1)).status_code == 413


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/nowhere", 404), ("PUT", "/health", 405)])
def test_paths_and_methods_that_do_not_exist(client: TestClient, method: str, path: str, status: int) -> None:
    answer = client.request(method, path)
    assert (answer.status_code, answer.headers["Content-Type"]) == (status, PROBLEM)
    assert answer.json()["status"] == status


@pytest.mark.parametrize(
    ("error", "status"),
    [(RuntimeError("sekret"), 500), (OperationalError("SELECT sekret", {}, Exception("sekret")), 503)],
)
def test_a_failure_shows_nothing_of_the_inside(
    environ: dict[str, str], error: Exception, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    app = create_app(load_settings(environ))

    @app.get("/fails")
    async def fails() -> None:
        raise error

    with TestClient(app, raise_server_exceptions=False) as client, caplog.at_level(logging.CRITICAL):
        answer = client.get("/fails")

    assert (answer.status_code, answer.headers["Content-Type"]) == (status, PROBLEM)
    assert "sekret" not in answer.text
    assert ("Retry-After" in answer.headers) == (status == 503)


def test_the_openapi_document_names_every_answer(client: TestClient) -> None:
    document = client.get("/openapi.json").json()
    operations = [operation for path in document["paths"].values() for operation in path.values()]
    assert len({operation["operationId"] for operation in operations}) == len(operations)
    for operation in operations:
        answers = operation["responses"]
        assert set(answers["default"]["content"]) == {PROBLEM}
        success = next(answer for status, answer in answers.items() if status.startswith("2")).get("content", {})
        assert "204" in answers or "text/event-stream" in success or success["application/json"]["schema"]["$ref"]


def test_every_reference_of_the_openapi_document_leads_somewhere(client: TestClient) -> None:
    answer = client.get("/openapi.json")
    schemas = answer.json()["components"]["schemas"]
    referred = {part.partition('"')[0] for part in answer.text.split('"$ref":"#/components/schemas/')[1:]}
    assert {"Problem", "InvalidField"} <= referred <= set(schemas)
    assert "request_id" in schemas["Problem"]["properties"]


def test_a_route_says_which_problems_it_answers() -> None:
    assert {status: set(answer["content"]) for status, answer in problems.of(404, 412).items()} == {
        404: {PROBLEM},
        412: {PROBLEM},
    }


def test_docs_can_log_in(client: TestClient) -> None:
    schemes = client.get("/openapi.json").json()["components"]["securitySchemes"]
    (scheme,) = schemes.values()
    assert scheme["flows"]["password"]["tokenUrl"] == "/api/v1/auth/login"


def test_only_pages_of_listed_origins_may_call(environ: dict[str, str]) -> None:
    listed = load_settings(environ | {"CORS_ORIGINS": "https://a.example, https://b.example"})
    with TestClient(create_app(listed)) as client:
        allowed, refused = (
            client.options(
                "/api/v1/tasks",
                headers={
                    "Origin": origin,
                    "Access-Control-Request-Method": "POST",
                    "Access-Control-Request-Headers": "Authorization, Content-Type",
                },
            )
            for origin in ("https://b.example", "https://c.example")
        )
    assert (allowed.status_code, allowed.headers["Access-Control-Allow-Origin"]) == (200, "https://b.example")
    assert "Access-Control-Allow-Origin" not in refused.headers


def test_no_origin_is_listed_by_default(client: TestClient) -> None:
    answer = client.get("/health", headers={"Origin": "https://a.example"})
    assert "Access-Control-Allow-Origin" not in answer.headers
