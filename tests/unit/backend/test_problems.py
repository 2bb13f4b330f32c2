"""Errors as problem documents, and the OpenAPI document."""

from __future__ import annotations

import logging

import pytest
from fastapi.testclient import TestClient
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, ProgrammingError
from sqlalchemy.exc import TimeoutError as NoConnection

from app.config import load_settings
from app.edge import problems
from app.factory import create_app

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


def test_every_answer_has_an_id_of_its_own_and_a_problem_repeats_it(client: TestClient) -> None:
    answers = [client.get(path) for path in ("/health", "/nowhere", "/api/v1/tasks", "/", "/docs")]
    assert len({answer.headers["X-Request-ID"] for answer in answers}) == len(answers)
    for problem in answers[1:3]:
        assert problem.json()["request_id"] == problem.headers["X-Request-ID"]


@pytest.mark.parametrize("given", ["0123abcd", "a-b_c.d-4567", "x" * 64])
def test_an_id_that_comes_along_is_kept(client: TestClient, given: str) -> None:
    assert client.get("/nowhere", headers={"X-Request-ID": given}).json()["request_id"] == given


@pytest.mark.parametrize("given", ["", "short", "x" * 65, "with blank", 'with"quote', "with\ttab-and-more"])
def test_an_id_that_looks_like_none_is_replaced(client: TestClient, given: str) -> None:
    assert len(client.get("/nowhere", headers={"X-Request-ID": given}).json()["request_id"]) == 16


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/nowhere", 404), ("POST", "/nowhere", 404), ("GET", "/assets/none.js", 404), ("PUT", "/health", 405)],
)
def test_paths_and_methods_that_do_not_exist(client: TestClient, method: str, path: str, status: int) -> None:
    answer = client.request(method, path)
    assert (answer.status_code, answer.headers["Content-Type"]) == (status, PROBLEM)
    assert answer.json()["status"] == status
    assert "detail" not in answer.json()


@pytest.mark.parametrize(
    ("path", "methods"),
    [
        ("/api/v1/tasks/01a205b5-5882-7954-aa53-fcd24b1730bf", "DELETE, GET, PATCH"),
        ("/api/v1/tasks", "GET, POST"),
        ("/assets/icon.svg", "GET, HEAD"),
    ],
)
def test_a_refused_method_is_told_all_that_are_not(client: TestClient, path: str, methods: str) -> None:
    answer = client.put(path)
    assert (answer.status_code, answer.headers["Allow"]) == (405, methods)


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (RuntimeError("sekret"), 500),
        (OperationalError("SELECT sekret", {}, Exception("sekret")), 503),
        (InterfaceError("SELECT sekret", {}, Exception("sekret")), 503),
        (DBAPIError("SELECT sekret", {}, Exception("sekret"), connection_invalidated=True), 503),
        (ProgrammingError("SELECT sekret", {}, Exception("sekret")), 500),
        (NoConnection("sekret"), 503),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else str(value),
)
def test_a_failure_shows_nothing_of_the_inside(
    environ: dict[str, str], error: Exception, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    app = create_app(load_settings(environ))

    @app.get("/fails")
    async def fails() -> None:
        raise error

    with TestClient(app) as client, caplog.at_level(logging.CRITICAL):
        answer = client.get("/fails")

    assert (answer.status_code, answer.headers["Content-Type"]) == (status, PROBLEM)
    assert "sekret" not in answer.text
    assert answer.json()["request_id"] == answer.headers["X-Request-ID"]
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
