"""What the fields of a task may hold, at their limits and beyond them, when it is made and when it is changed."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from fastapi.testclient import TestClient

TASKS = "/api/v1/tasks"
JSON = {"Content-Type": "application/json"}
LogIn = Callable[[str], dict[str, str]]
Fields = dict[str, Any]

TEXTS = [
    "'; DROP TABLE tasks; --",
    "<script>alert(1)</script>",
    "${7*7} {{7*7}} %s \\u0000",
    "a\tb\x01\x7f\x85c",
    "👩‍👩‍👧 ß ﷺ",
]

TAKEN: list[Fields] = [
    *({"title": text, "notes": text, "tags": [text]} for text in TEXTS),
    {"title": "x"},
    {"title": "x" * 199},
    {"title": "😀" * 200},
    {"notes": "x" * 9_999},
    {"notes": "\r\n" * 5_000},
    {"notes": ""},
    *({"status": status} for status in ("todo", "doing", "done")),
    *({"priority": priority} for priority in ("low", "normal", "high")),
    *({"due": due} for due in (None, "0001-01-01", "2028-02-29", "9999-12-31")),
    {"tags": []},
    {"tags": ["x" * 40]},
    {"tags": [str(number) for number in range(20)]},
    {"tags": [str(number) for number in range(19)]},
]

WRONG: list[object] = [None, 7, {}]
NO_DAYS: list[object] = [0, 1_795_379_471, 1.5, True, [], "tomorrow", "2026-01-01\n", "٢٠٢٦-٠١-٠١"]
REFUSED: list[tuple[Fields, str]] = [
    *(({field: wrong}, field) for field in ("title", "notes", "status", "priority", "tags") for wrong in WRONG),
    *(({field: wrong}, field) for field in ("title", "notes") for wrong in ("a\0b", "\ud800", "a\udfff", ["x"], True)),
    *(({"tags": [wrong]}, "tags.0") for wrong in ("a\0b", "\ud800", "", " ", "x" * 41, " " + "x" * 40, 7, None)),
    ({"title": ""}, "title"),
    ({"title": " \t\n"}, "title"),
    *(({"title": long}, "title") for long in ("x" * 201, "x" * 200 + " ", "\v" + "x" * 200)),
    ({"notes": "x" * 10_001}, "notes"),
    ({"status": "DONE"}, "status"),
    ({"status": "done "}, "status"),
    ({"priority": 1}, "priority"),
    ({"priority": "urgent"}, "priority"),
    ({"tags": [str(number) for number in range(21)]}, "tags"),
    ({"tags": "home"}, "tags"),
    *(
        ({"due": wrong}, "due")
        for wrong in ("", "2026-02-29", "2026-1-1", "10000-01-01", "0000-01-01", "2026-01-01T00:00:00", "20260101")
    ),
    *(({"due": wrong}, "due") for wrong in NO_DAYS),
    *(({field: 1}, field) for field in ("id", "version", "owner_id", "created_at", "completed_at", "words", "Title")),
]


def test_what_is_within_the_limits_is_kept_as_it_is(client: TestClient, log_in: LogIn) -> None:
    ann = log_in("ann")
    changing = client.post(TASKS, json={"title": "before"}, headers=ann).headers["Location"]
    for given in TAKEN:
        made = client.post(TASKS, json={"title": "x"} | given, headers=ann)
        assert made.status_code == 201, given
        changed = client.patch(changing, json=given, headers=ann)
        assert changed.status_code == 200, given
        for where in (made.headers["Location"], changing):
            kept = client.get(where, headers=ann).json()
            assert {field: kept[field] for field in given} == given


def test_what_is_beyond_them_is_refused_by_its_name(client: TestClient, log_in: LogIn) -> None:
    ann = log_in("ann")
    made = client.post(TASKS, json={"title": "as it was"}, headers=ann)
    for given, field in REFUSED:
        for answer in (
            client.post(TASKS, content=json.dumps({"title": "x"} | given), headers=ann | JSON),
            client.patch(made.headers["Location"], content=json.dumps(given), headers=ann | JSON),
        ):
            assert answer.status_code == 422, given
            assert f"body.{field}" in {error["field"] for error in answer.json()["errors"]}, given
    assert client.get(TASKS, headers=ann).json()["items"] == [made.json()]


def test_spaces_around_titles_and_tags_go_and_a_tag_counts_once(client: TestClient, log_in: LogIn) -> None:
    given = {"title": "\n two  words ", "tags": [" home", "home", "Home ", "home"], "notes": " as they are \n"}
    made = client.post(TASKS, json=given, headers=log_in("ann")).json()
    assert (made["title"], made["tags"], made["notes"]) == ("two  words", ["home", "Home"], " as they are \n")


def test_what_is_left_out_has_a_usual_value(client: TestClient, log_in: LogIn) -> None:
    made = client.post(TASKS, json={"title": "x"}, headers=log_in("ann")).json()
    for field in ("id", "created_at", "updated_at"):
        assert made.pop(field)
    assert made == {
        "title": "x",
        "notes": "",
        "status": "todo",
        "priority": "normal",
        "due": None,
        "tags": [],
        "version": 1,
        "completed_at": None,
    }


def test_a_task_is_completed_when_its_status_becomes_done(client: TestClient, log_in: LogIn) -> None:
    ann = log_in("ann")
    made = client.post(TASKS, json={"title": "x", "status": "done"}, headers=ann)
    assert made.json()["completed_at"] == made.json()["created_at"]
    where = made.headers["Location"]

    def after(**change: str) -> tuple[str, str]:
        task = client.patch(where, json=change, headers=ann).json()
        return task["completed_at"], task["updated_at"]

    assert after(title="still done")[0] == made.json()["completed_at"]
    assert after(status="done")[0] == made.json()["completed_at"]
    assert after(status="doing")[0] is None
    completed_at, updated_at = after(status="done")
    assert completed_at == updated_at > made.json()["completed_at"]


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (b'{"title": "x"', "application/json", 422),
        (b"", "application/json", 422),
        (b'{"title": "x"}', "text/plain", 422),
        (b'{"title": "x"}', "", 422),
        (b'{"title": "\xff"}', "application/json", 400),
        (b'{"title": NaN}', "application/json", 422),
        (b"[" * 50_000, "application/json", 400),
        (b"[1]", "application/json", 422),
        (b"null", "application/json", 422),
    ],
)
def test_a_body_that_is_no_task_is_no_fault_of_the_server(
    client: TestClient, log_in: LogIn, body: bytes, content_type: str, status: int
) -> None:
    answer = client.post(TASKS, content=body, headers=log_in("ann") | {"Content-Type": content_type})
    assert answer.status_code == status
    assert answer.headers["Content-Type"] == "application/problem+json"
