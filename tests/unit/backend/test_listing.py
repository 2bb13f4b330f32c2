"""The list: filters, orders, and pages that stay right while tasks come and go."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from collections.abc import Callable
from typing import Any

import pytest
from fastapi.testclient import TestClient

TASKS = "/api/v1/tasks"
LogIn = Callable[[str], dict[str, str]]
Task = dict[str, Any]

GIVEN: list[Task] = [
    {"title": "banana", "priority": "high", "due": "2030-01-02", "tags": ["home"]},
    {"title": "Apple", "priority": "low", "due": None, "tags": ["home", "work"]},
    {"title": "apple", "priority": "high", "due": "2030-01-01", "tags": ["work"], "status": "done"},
    {"title": "Äpfel", "due": "2029-12-31", "tags": ["Work", 'a"b,c'], "status": "doing"},
    {"title": "zebra", "due": None, "priority": "low", "tags": ["é"]},
    {"title": "Zebra", "due": "2030-01-02", "status": "done"},
    {"title": "élan", "due": "2030-01-02"},
    {"title": "x" * 200, "due": None},
]
PASSING: list[tuple[str, set[str]]] = [
    ("status=done", {"apple", "Zebra"}),
    ("status=done&status=doing", {"apple", "Zebra", "Äpfel"}),
    ("priority=low", {"Apple", "zebra"}),
    ("priority=low&priority=high&status=todo", {"Apple", "zebra", "banana"}),
    ("tag=home", {"banana", "Apple"}),
    ("tag=home&tag=work", {"Apple"}),
    ("tag=Work", {"Äpfel"}),
    ("tag=a%22b,c", {"Äpfel"}),
    ("tag=%C3%A9", {"zebra"}),
    ("tag=hom", set()),
    ("tag=%25", set()),
    ("tag=%5B%22home%22%5D", set()),
    ("due_from=2030-01-01", {"banana", "apple", "Zebra", "élan"}),
    ("due_to=2030-01-01", {"apple", "Äpfel"}),
    ("due_from=2030-01-01&due_to=2030-01-01", {"apple"}),
    ("due_from=2030-01-02&due_to=2030-01-01", set()),
    ("due_from=0001-01-01&due_to=9999-12-31&status=done&q=ze", {"Zebra"}),
    ("q=zebra&priority=low", {"zebra"}),
]

REFUSED = [
    ("status=", "status.0"),
    ("status=DONE", "status.0"),
    ("status=todo&status=late", "status.1"),
    ("status=todo&status=todo&status=todo&status=todo", "status"),
    ("priority=1", "priority.0"),
    ("tag=", "tag.0"),
    (f"tag={'x' * 41}", "tag.0"),
    ("tag=a%00b", "tag.0"),
    ("&".join(f"tag={number}" for number in range(21)), "tag"),
    ("due_from=2030-02-30", "due_from"),
    ("due_to=1700000000", "due_to"),
    ("due_to=", "due_to"),
    ("q=", "q"),
    (f"q={'x' * 201}", "q"),
    ("q=a%00b", "q"),
    ("sort=", "sort"),
    ("sort=id", "sort"),
    ("sort=--due", "sort"),
    ("sort=title;DROP TABLE tasks", "sort"),
    ("limit=0", "limit"),
    ("limit=101", "limit"),
    ("limit=1.5", "limit"),
    ("limit=99999999999999999999", "limit"),
    ("cursor=", "cursor"),
    ("stauts=done", "stauts"),
]

RANKS = ["low", "normal", "high"]


@pytest.fixture
def ann(client: TestClient, log_in: LogIn) -> dict[str, str]:
    """Who has tasks. Somebody else has some too, which nobody may see."""
    ann, bob = log_in("ann"), log_in("bob")
    for task in GIVEN:
        client.post(TASKS, json=task, headers=ann).raise_for_status()
        client.post(TASKS, json=task | {"title": f"bob's {task['title'][:100]}"}, headers=bob).raise_for_status()
    first = client.get(f"{TASKS}?sort=created&limit=1", headers=ann).json()["items"][0]
    client.patch(f"{TASKS}/{first['id']}", json={"notes": "changed last"}, headers=ann).raise_for_status()
    return ann


def titles(client: TestClient, who: dict[str, str], query: str) -> list[str]:
    """Of one page that holds all."""
    answer = client.get(f"{TASKS}?limit=100&{query}", headers=who).raise_for_status().json()
    assert answer["next"] is None
    return [task["title"] for task in answer["items"]]


def in_pages(client: TestClient, who: dict[str, str], query: str, size: int) -> list[str]:
    found: list[str] = []
    cursor = ""
    while True:
        page = client.get(f"{TASKS}?limit={size}&{query}{cursor}", headers=who).raise_for_status().json()
        found += [task["title"] for task in page["items"]]
        if page["next"] is None:
            return found
        assert len(page["items"]) == size
        assert len(set(found)) == len(found), "a page came again"
        cursor = f"&cursor={page['next']}"


def expected_order(sort: str) -> list[str]:
    made = {task["title"]: number for number, task in enumerate(GIVEN)}
    by_title = ["Äpfel", "Apple", "apple", "banana", "élan", "x" * 200, "zebra", "Zebra"]
    backwards = sort.startswith("-")
    tasks = list(reversed(GIVEN)) if backwards else list(GIVEN)
    match sort.removeprefix("-"):
        case "created":
            return [task["title"] for task in tasks]
        case "updated":
            order = [*GIVEN[1:], GIVEN[0]]
            return [task["title"] for task in (reversed(order) if backwards else order)]
        case "due":
            due = sorted((task for task in tasks if task["due"]), key=lambda task: task["due"], reverse=backwards)
            return [task["title"] for task in (*due, *(task for task in tasks if not task["due"]))]
        case "priority":
            ranked = sorted(tasks, key=lambda task: RANKS.index(task.get("priority", "normal")), reverse=backwards)
            return [task["title"] for task in ranked]
        case _:
            assert set(by_title) == set(made)
            return [*reversed(by_title)] if backwards else by_title


@pytest.mark.parametrize("by", ["created", "updated", "due", "priority", "title"])
def test_every_order_is_the_same_in_pages_of_any_size(client: TestClient, ann: dict[str, str], by: str) -> None:
    for sort in (by, f"-{by}"):
        expected = expected_order(sort)
        assert titles(client, ann, f"sort={sort}") == expected
        for size in (1, 2, 3, len(GIVEN)):
            assert in_pages(client, ann, f"sort={sort}", size) == expected, (sort, size)


def test_newest_first_is_the_usual_order(client: TestClient, ann: dict[str, str]) -> None:
    assert titles(client, ann, "") == expected_order("-created")


def test_what_passes_every_filter_is_listed(client: TestClient, ann: dict[str, str]) -> None:
    for query, expected in PASSING:
        for sort in ("created", "due", "-title"):
            listed = titles(client, ann, f"{query}&sort={sort}")
            assert listed == [title for title in expected_order(sort) if title in expected], (query, sort)
            assert in_pages(client, ann, f"{query}&sort={sort}", 1) == listed, (query, sort)


def test_what_cannot_be_asked_is_named(client: TestClient, log_in: LogIn) -> None:
    ann = log_in("ann")
    for query, field in REFUSED:
        answer = client.get(f"{TASKS}?{query}", headers=ann)
        assert answer.status_code == 422, query
        assert [error["field"] for error in answer.json()["errors"]] == [f"query.{field}"], query


def written(*held: object) -> str:
    return urlsafe_b64encode(json.dumps(held).encode()).decode().rstrip("=")


def test_a_cursor_that_does_not_fit_is_refused(client: TestClient, ann: dict[str, str]) -> None:
    page = client.get(f"{TASKS}?sort=title&limit=1", headers=ann).json()
    task_id = page["items"][0]["id"]
    assert client.get(f"{TASKS}?sort=title&cursor={page['next']}", headers=ann).status_code == 200
    assert client.get(f"{TASKS}?sort=title&cursor={written('title', False, 'a', task_id)}", headers=ann).is_success
    wrong = [
        ("-title", page["next"]),
        ("created", page["next"]),
        ("title", page["next"][:-3]),
        ("title", page["next"] + "AAAA"),
        ("title", page["next"] + "=="),
        ("title", "x"),
        ("title", "!"),
        ("title", "%00"),
        ("title", "A" * 2_001),
        ("title", written("title", False, "a\0b", task_id)),
        ("title", urlsafe_b64encode(f'["title",false,"\\ud800","{task_id}"]'.encode()).decode().rstrip("=")),
        ("title", written("title", False, "x" * 201, task_id)),
        ("title", written("title", False, None, task_id)),
        ("title", written("title", False, "a", "1")),
        ("title", written("title", False, "a", task_id, 1)),
        ("title", written("updated", False, 1, task_id)),
        ("updated", written("updated", False, 2**63, task_id)),
        ("updated", written("updated", False, -1, task_id)),
        ("updated", written("updated", False, True, task_id)),
        ("updated", written("updated", False, "1", task_id)),
        ("priority", written("priority", False, 3, task_id)),
        ("due", written("due", False, "2030-02-30", task_id)),
        ("due", written("due", False, 7, task_id)),
        ("created", written("created", False, None, task_id)),
        ("created", task_id),
    ]
    for sort, cursor in wrong:
        answer = client.get(f"{TASKS}?sort={sort}&cursor={cursor}", headers=ann)
        assert answer.status_code == 422, (sort, cursor)
        assert [error["field"] for error in answer.json()["errors"]] == ["query.cursor"]


@pytest.mark.parametrize("sort", ["-created", "title", "-due"])
def test_pages_stay_right_while_tasks_come_and_go(client: TestClient, ann: dict[str, str], sort: str) -> None:
    everything = expected_order(sort)
    for end in range(1, len(everything)):
        page = client.get(f"{TASKS}?sort={sort}&limit={end}", headers=ann).json()
        last = page["items"][-1]
        first_of_all = client.post(TASKS, json={"title": "0", "due": "0001-01-01", "priority": "high"}, headers=ann)
        client.delete(f"{TASKS}/{last['id']}", headers=ann).raise_for_status()

        following = in_pages(
            client, ann, f"sort={sort}&cursor={page['next']}&status=todo&status=doing&status=done", 100
        )
        assert [title for title in following if title != "0"] == everything[end:]

        client.delete(first_of_all.headers["Location"], headers=ann).raise_for_status()
        put_back = {field: last[field] for field in ("title", "priority", "due", "tags", "status")}
        document = {"format": "task-service/1", "tasks": [put_back | {"created_at": last["created_at"]}]}
        client.post(f"{TASKS}/import", json=document, headers=ann).raise_for_status()
