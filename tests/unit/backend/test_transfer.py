"""Export and import of my own tasks."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.api.transfer import PORTION

TASKS = "/api/v1/tasks"
LogIn = Callable[[str], dict[str, str]]
Task = dict[str, Any]
HELD = ("title", "notes", "status", "priority", "due", "tags", "created_at", "completed_at")

text = st.characters(exclude_characters="\0", exclude_categories=["Cs"])
written_tasks = st.fixed_dictionaries(
    {"title": st.text(text, min_size=1, max_size=200).filter(str.strip)},
    optional={
        "notes": st.text(text, max_size=300),
        "status": st.sampled_from(["todo", "doing", "done"]),
        "priority": st.sampled_from(["low", "normal", "high"]),
        "due": st.none() | st.dates().map(str),
        "tags": st.lists(st.text(text, min_size=1, max_size=40).filter(str.strip), max_size=20),
        "created_at": st.datetimes(timezones=st.timezones()).map(datetime.isoformat),
        "completed_at": st.datetimes(timezones=st.just(UTC)).map(datetime.isoformat),
    },
)


def bring_in(client: TestClient, who: dict[str, str], tasks: list[Task]) -> dict[str, int]:
    answer = client.post(f"{TASKS}/import", json={"format": "task-service/1", "tasks": tasks}, headers=who)
    assert answer.status_code == 200, answer.text
    outcome: dict[str, int] = answer.json()
    return outcome


def export(client: TestClient, who: dict[str, str]) -> list[Task]:
    tasks: list[Task] = client.get(f"{TASKS}/export", headers=who).raise_for_status().json()["tasks"]
    return tasks


def held(tasks: list[Task]) -> list[Task]:
    return [{field: task[field] for field in HELD} for task in tasks]


def test_an_export_is_a_file_of_all_my_tasks(client: TestClient, log_in: LogIn) -> None:
    ann, bob = log_in("ann"), log_in("bob")
    bring_in(client, bob, [{"title": "not ann's"}])
    for count in (0, 1, PORTION - 1, 1, PORTION + 1):
        if count:
            bring_in(client, ann, [{"title": f"number {number}"} for number in range(count)])
        answer = client.get(f"{TASKS}/export", headers=ann)
        document = answer.json()
        assert set(document) == {"format", "exported_at", "tasks"}
        assert document["format"] == "task-service/1"
        exported_at = datetime.fromisoformat(document["exported_at"])
        assert timedelta(0) <= datetime.now(UTC) - exported_at < timedelta(minutes=10)
        name = f'attachment; filename="tasks-{exported_at:%Y-%m-%d}.json"'
        assert (answer.headers["Content-Type"], answer.headers["Content-Disposition"]) == ("application/json", name)
        listed, cursor = [], ""
        while cursor is not None:
            page = client.get(f"{TASKS}?limit=100&sort=created{cursor}", headers=ann).json()
            listed += page["items"]
            cursor = page["next"] and f"&cursor={page['next']}"
        assert document["tasks"] == listed
    assert len(listed) == 2 * PORTION + 2


def test_whatever_is_exported_can_be_imported(client: TestClient, log_in: LogIn) -> None:
    ann, bob = log_in("ann"), log_in("bob")

    def empty(who: dict[str, str]) -> None:
        while tasks := client.get(f"{TASKS}?limit=100", headers=who).json()["items"]:
            client.post(f"{TASKS}/bulk/delete", json={"ids": [task["id"] for task in tasks]}, headers=who)

    @settings(max_examples=25, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(st.lists(written_tasks, min_size=1, max_size=8))
    def check(written: list[Task]) -> None:
        empty(ann)
        empty(bob)
        assert bring_in(client, ann, written) == {"created": len(written), "skipped": 0}
        document = client.get(f"{TASKS}/export", headers=ann)
        anns = document.json()["tasks"]
        answer = client.post(f"{TASKS}/import", content=document.content, headers=bob | JSON)
        assert answer.json() == {"created": len(anns), "skipped": 0}
        bobs = export(client, bob)
        assert sorted(held(bobs), key=json.dumps) == sorted(held(anns), key=json.dumps)
        assert {task["id"] for task in bobs}.isdisjoint(task["id"] for task in anns)
        again = client.post(f"{TASKS}/import", content=document.content, headers=ann | JSON)
        assert again.json() == {"created": 0, "skipped": len(anns)}
        assert export(client, ann) == anns

    check()


JSON = {"Content-Type": "application/json"}


def test_only_what_is_still_mine_is_skipped(client: TestClient, log_in: LogIn) -> None:
    ann = log_in("ann")
    bring_in(client, ann, [{"title": "kept"}, {"title": "deleted"}])
    kept, deleted = export(client, ann)
    client.delete(f"{TASKS}/{deleted['id']}", headers=ann)
    client.patch(f"{TASKS}/{kept['id']}", json={"title": "changed since"}, headers=ann)

    assert bring_in(client, ann, [kept, deleted, deleted]) == {"created": 1, "skipped": 2}
    titles = {task["title"]: task["id"] for task in export(client, ann)}
    assert titles["changed since"] == kept["id"]
    assert titles["deleted"] != deleted["id"]


def test_the_past_of_a_task_is_kept_where_it_can_be_true(client: TestClient, log_in: LogIn) -> None:
    ann = log_in("ann")
    start = datetime.now(UTC)
    past, later = "2020-02-02T12:00:00.123456Z", "2021-01-01T00:00:00Z"

    def told(at: str | None) -> str | None:
        if at is None:
            return None
        moment = datetime.fromisoformat(at)
        return "now" if moment >= start else moment.isoformat()

    def kept(**said: str | None) -> tuple[str | None, str | None]:
        bring_in(client, ann, [{"title": "x", **said}])
        task = client.get(f"{TASKS}?sort=-updated&limit=1", headers=ann).json()["items"][0]
        assert datetime.fromisoformat(task["updated_at"]) >= start
        return told(task["created_at"]), told(task["completed_at"])

    as_kept, as_kept_later = "2020-02-02T12:00:00.123456+00:00", "2021-01-01T00:00:00+00:00"
    assert kept() == ("now", None)
    assert kept(created_at=None, completed_at=None, status="done") == ("now", "now")
    assert kept(created_at=past) == (as_kept, None)
    assert kept(created_at="2020-02-02T14:00:00.123456+02:00") == (as_kept, None)
    assert kept(created_at=past, status="done") == (as_kept, "now")
    assert kept(created_at=past, status="done", completed_at=later) == (as_kept, as_kept_later)
    assert kept(created_at=past, status="todo", completed_at=later) == (as_kept, None)
    assert kept(created_at=later, status="done", completed_at=past) == (as_kept_later, as_kept_later)
    assert kept(created_at="2999-01-01T00:00:00Z", completed_at="2999-01-01T00:00:00Z", status="done") == ("now", "now")
    for impossible in ("1969-12-31T23:59:59Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00"):
        assert kept(created_at=impossible) == ("now", None)
    assert kept(created_at="1970-01-01T00:00:00Z") == ("1970-01-01T00:00:00+00:00", None)


def test_imported_tasks_are_listed_by_when_they_were_made(client: TestClient, log_in: LogIn) -> None:
    ann = log_in("ann")
    client.post(TASKS, json={"title": "today"}, headers=ann)
    bring_in(
        client,
        ann,
        [{"title": str(year), "created_at": f"{year}-01-01T00:00:00Z"} for year in (2021, 2019, 2020)]
        + [{"title": "now"}],
    )
    listed = client.get(f"{TASKS}?sort=created", headers=ann).json()["items"]
    assert [task["title"] for task in listed] == ["2019", "2020", "2021", "today", "now"]
    assert sorted(task["created_at"] for task in listed) == [task["created_at"] for task in listed]
    assert client.get(f"{TASKS}?q=2020", headers=ann).json()["items"] == [listed[1]]


def test_an_import_with_a_mistake_brings_nothing_and_names_the_place(client: TestClient, log_in: LogIn) -> None:
    ann = log_in("ann")
    right: Task = {"title": "right"}
    no_moments: list[object] = ["2020-01-01T00:00:00", "2020-01-01", 0, "0", "now", []]
    mistakes: list[tuple[Task, str]] = [
        ({"title": ""}, "title"),
        ({"title": "x" * 201}, "title"),
        ({"notes": "x"}, "title"),
        (right | {"notes": "a\0b"}, "notes"),
        (right | {"status": "late"}, "status"),
        (right | {"due": "soon"}, "due"),
        (right | {"tags": [""]}, "tags.0"),
        (right | {"id": "7"}, "id"),
        (right | {"version": "1"}, "version"),
        (right | {"version": -1}, "version"),
        *((right | {"created_at": at}, "created_at") for at in no_moments),
        (right | {"completed_at": "2020-13-01T00:00:00Z"}, "completed_at"),
        (right | {"owner_id": "x"}, "owner_id"),
    ]
    for wrong, field in mistakes:
        fourth = {"format": "task-service/1", "tasks": [right, right, right, wrong]}
        answer = client.post(f"{TASKS}/import", json=fourth, headers=ann)
        assert answer.status_code == 422, wrong
        assert [error["field"] for error in answer.json()["errors"]] == [f"body.tasks.3.{field}"], wrong
    documents: list[object] = [
        {"tasks": []},
        {"format": "task-service/2", "tasks": []},
        {"format": "task-service/1"},
        {"format": "task-service/1", "tasks": None},
        {"format": "task-service/1", "tasks": [right] * 1_001},
        {"format": "task-service/1", "tasks": [], "more": 1},
        [],
    ]
    for document in documents:
        assert client.post(f"{TASKS}/import", json=document, headers=ann).status_code == 422, document
    assert export(client, ann) == []


def test_an_import_has_room_for_a_thousand_tasks_and_four_mebibytes(client: TestClient, log_in: LogIn) -> None:
    ann = log_in("ann")
    assert bring_in(client, ann, [{"title": "x", "notes": "y" * 3_000}] * 1_000) == {"created": 1_000, "skipped": 0}
    assert len(export(client, ann)) == 1_000
    document = json.dumps({"format": "task-service/1", "tasks": []})
    largest = document.ljust(4 * 1024 * 1024)
    assert client.post(f"{TASKS}/import", content=largest, headers=ann | JSON).json() == {"created": 0, "skipped": 0}
    assert client.post(f"{TASKS}/import", content=largest + " ", headers=ann | JSON).status_code == 413


def test_an_export_is_refused_before_it_begins(client: TestClient, log_in: LogIn) -> None:
    ann = log_in("ann")
    client.post("/api/v1/auth/me/delete", json={"password": "correct horse battery"}, headers=ann).raise_for_status()
    answer = client.get(f"{TASKS}/export", headers=ann)
    assert (answer.status_code, answer.headers["Content-Type"]) == (401, "application/problem+json")
