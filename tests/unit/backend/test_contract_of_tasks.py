"""The OpenAPI document of the tasks: enough for a client that was generated from it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient

TASKS = "/api/v1/tasks"
PROBLEM = "application/problem+json"
LogIn = Callable[[str], dict[str, str]]
Document = dict[str, Any]

ANSWERS = {
    "list_tasks": {"200", "401", "422", "503"},
    "create_task": {"201", "401", "409", "413", "422", "503"},
    "read_task": {"200", "304", "401", "404", "422", "503"},
    "update_task": {"200", "401", "404", "412", "413", "422", "503"},
    "delete_task": {"204", "401", "404", "412", "422", "503"},
    "complete_tasks": {"200", "401", "413", "422", "503"},
    "delete_tasks": {"200", "401", "413", "422", "503"},
    "export_tasks": {"200", "401", "422", "503"},
    "import_tasks": {"200", "401", "409", "413", "422", "503"},
}


@pytest.fixture
def document(client: TestClient) -> Document:
    document: Document = client.get("/openapi.json").json()
    return document


def operations(document: Document) -> Iterator[Document]:
    for path, by_method in document["paths"].items():
        if path.startswith(TASKS):
            yield from by_method.values()


def test_every_operation_says_what_it_answers(document: Document) -> None:
    found = {operation["operationId"]: operation for operation in operations(document)}
    assert {name: set(operation["responses"]) - {"default"} for name, operation in found.items()} == ANSWERS
    for operation in found.values():
        assert operation["summary"]
        assert operation["tags"] == ["tasks"]
        assert operation["security"]
        for status, answer in operation["responses"].items():
            match status[0]:
                case "2" if status != "204":
                    assert set(answer["content"]) == {"application/json"}
                    assert answer["content"]["application/json"]["schema"]["$ref"]
                case "4" | "5":
                    assert set(answer["content"]) == {PROBLEM}
                case _:
                    assert status in {"204", "304", "default"}


def test_headers_are_described_where_they_are_sent(document: Document) -> None:
    sent = {
        (operation["operationId"], status): set(answer["headers"])
        for operation in operations(document)
        for status, answer in operation["responses"].items()
        if status[0] in "23" and "headers" in answer
    }
    for operation in operations(document):
        assert set(operation["responses"]["401"]["headers"]) == {"WWW-Authenticate"}
        assert set(operation["responses"]["503"]["headers"]) == {"Retry-After"}
    assert sent == {
        ("create_task", "201"): {"ETag", "Location"},
        ("read_task", "200"): {"ETag"},
        ("read_task", "304"): {"ETag"},
        ("update_task", "200"): {"ETag"},
        ("export_tasks", "200"): {"Content-Disposition"},
    }


def test_what_can_be_done_with_a_new_task_is_linked(document: Document) -> None:
    by_id = {operation["operationId"]: operation for operation in operations(document)}
    links = by_id["create_task"]["responses"]["201"]["links"]
    assert set(links) == {"read_task", "update_task", "delete_task"}
    for name, link in links.items():
        assert link["operationId"] == name
        assert set(link["parameters"]) <= {parameter["name"] for parameter in by_id[name]["parameters"]}


def test_the_examples_are_taken(client: TestClient, log_in: LogIn, document: Document) -> None:
    ann = log_in("ann")
    schemas = document["components"]["schemas"]
    for example in schemas["TaskCreate"]["examples"]:
        made = client.post(TASKS, json=example, headers=ann)
        assert made.status_code == 201
        for change in schemas["TaskUpdate"]["examples"]:
            assert client.patch(made.headers["Location"], json=change, headers=ann).status_code == 200


def test_a_task_says_all_that_it_always_has(document: Document) -> None:
    task = document["components"]["schemas"]["TaskRead"]
    assert set(task["required"]) == set(task["properties"])
    assert {name for name, about in task["properties"].items() if {"type": "null"} in about.get("anyOf", [])} == {
        "due",
        "completed_at",
    }
