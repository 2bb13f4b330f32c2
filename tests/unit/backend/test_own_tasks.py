"""A user's own tasks."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import pytest
from fastapi.testclient import TestClient

from app.data.ids import time_ordered_id

TASKS = "/api/v1/tasks"
LogIn = Callable[[str], dict[str, str]]


def test_a_task_is_made_read_changed_and_deleted(client: TestClient, log_in: LogIn) -> None:
    ann = log_in("ann")
    made = client.post(TASKS, json={"title": "  Write  ", "notes": "<b>'; DROP TABLE tasks; --"}, headers=ann)
    assert made.status_code == 201
    task = made.json()
    assert (task["title"], task["notes"], task["status"]) == ("Write", "<b>'; DROP TABLE tasks; --", "todo")

    where = made.headers["Location"]
    assert where == f"{TASKS}/{task['id']}"
    assert client.get(where, headers=ann).json() == task

    changed = client.patch(where, json={"status": "done"}, headers=ann).json()
    assert changed["updated_at"] > task["updated_at"]
    assert changed == task | {
        "status": "done",
        "version": 2,
        "updated_at": changed["updated_at"],
        "completed_at": changed["updated_at"],
    }
    assert client.get(where, headers=ann).json() == changed

    deleted = client.delete(where, headers=ann)
    assert (deleted.status_code, deleted.content) == (204, b"")
    assert client.get(where, headers=ann).status_code == 404
    assert client.get(TASKS, headers=ann).json() == {"items": [], "next": None}


def test_a_change_of_nothing_changes_nothing(client: TestClient, log_in: LogIn) -> None:
    ann = log_in("ann")
    made = client.post(TASKS, json={"title": "Write"}, headers=ann)
    assert client.patch(made.headers["Location"], json={}, headers=ann).json() == made.json()


@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
def test_another_users_task_is_like_one_that_does_not_exist(client: TestClient, log_in: LogIn, method: str) -> None:
    ann, bob = log_in("ann"), log_in("bob")
    made = client.post(TASKS, json={"title": "Mine"}, headers=ann)
    body = {"title": "Stolen"} if method == "PATCH" else None
    client.headers["X-Request-ID"] = "one-for-both"

    theirs = client.request(method, made.headers["Location"], json=body, headers=bob)
    nobodys = client.request(method, f"{TASKS}/{time_ordered_id()}", json=body, headers=bob)

    assert theirs.status_code == nobodys.status_code == 404
    assert theirs.text == nobodys.text
    assert client.get(TASKS, headers=bob).json()["items"] == []
    assert client.get(made.headers["Location"], headers=ann).json() == made.json()


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_without_a_token_there_is_nothing(client: TestClient, method: str) -> None:
    answer = client.request(method, TASKS, json={"title": "x"} if method == "POST" else None)
    assert answer.status_code == 401


def test_the_list_is_paged_newest_first_and_survives_a_deletion(client: TestClient, log_in: LogIn) -> None:
    ann = log_in("ann")
    for title in "abcde":
        last = client.post(TASKS, json={"title": title}, headers=ann)

    first = client.get(TASKS, params={"limit": 2}, headers=ann).json()
    assert [task["title"] for task in first["items"]] == ["e", "d"]

    client.delete(f"{TASKS}/{first['items'][1]['id']}", headers=ann)  # the place where the page ended
    second = client.get(TASKS, params={"limit": 2, "cursor": first["next"]}, headers=ann).json()
    assert [task["title"] for task in second["items"]] == ["c", "b"]

    third = client.get(TASKS, params={"limit": 2, "cursor": second["next"]}, headers=ann).json()
    assert [task["title"] for task in third["items"]] == ["a"]
    assert third["next"] is None
    assert client.get(TASKS, params={"limit": 4}, headers=ann).json()["next"] is None
    assert last.json()["title"] == "e"


@pytest.mark.parametrize(("limit", "status"), [(0, 422), (1, 200), (100, 200), (101, 422), ("many", 422)])
def test_a_page_is_bounded(client: TestClient, log_in: LogIn, limit: object, status: int) -> None:
    assert client.get(f"{TASKS}?limit={limit}", headers=log_in("ann")).status_code == status


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"title": "x" * 200}, 201),
        ({"title": "x" * 201}, 422),
        ({"title": "   "}, 422),
        ({"title": None}, 422),
        ({"title": 7}, 422),
        ({"title": "a\0b"}, 422),
        ({}, 422),
        ([], 422),
        ({"title": "x", "notes": "x" * 10_000}, 201),
        ({"title": "x", "notes": "x" * 10_001}, 422),
        ({"title": "x", "status": "doing"}, 201),
        ({"title": "x", "status": "later"}, 422),
        ({"title": "x", "owner_id": "01a204f4-a309-7021-a5b7-d81a94ef68b8"}, 422),
    ],
)
def test_what_a_task_may_hold(client: TestClient, log_in: LogIn, body: object, status: int) -> None:
    assert client.post(TASKS, json=body, headers=log_in("ann")).status_code == status


@pytest.mark.parametrize("body", [{"title": None}, {"notes": None}, {"status": None}, {"title": ""}, {"id": "x"}])
def test_a_change_is_held_to_the_same_rules(client: TestClient, log_in: LogIn, body: object) -> None:
    ann = log_in("ann")
    made = client.post(TASKS, json={"title": "Write"}, headers=ann)
    assert client.patch(made.headers["Location"], json=body, headers=ann).status_code == 422
    assert client.get(made.headers["Location"], headers=ann).json() == made.json()


def test_ids_sort_by_the_moment_they_were_made() -> None:
    start = 1_795_379_471_000_000_000
    clock = iter(range(start, start + 3_000_000, 250))
    ids = [time_ordered_id(clock=clock.__next__) for _ in range(12_000)]
    assert ids == sorted(ids)
    assert {(made.version, made.variant) for made in ids} == {(7, UUID(int=0x8 << 60).variant)}
    assert ids[0].int >> 80 == start // 1_000_000


@pytest.mark.parametrize("sort", ["created", "updated", "due", "priority", "title"])
def test_a_list_says_of_each_task_what_the_task_says_itself(client: TestClient, log_in: LogIn, sort: str) -> None:
    ann = log_in("ann")
    full = {"title": "water", "notes": "\u2028 & <b>", "due": "2030-05-01", "tags": ["home"], "priority": "high"}
    for body in (full, {"title": "sleep", "status": "done"}):
        client.post(TASKS, json=body, headers=ann).raise_for_status()

    items = client.get(TASKS, params={"sort": sort}, headers=ann).json()["items"]

    assert len(items) == 2
    assert items == [client.get(f"{TASKS}/{item['id']}", headers=ann).json() for item in items]
