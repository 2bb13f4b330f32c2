"""A user keeps up to 10,000 tasks, however they come."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine, func, select, update

from app.data import tables
from app.data.users import MAX_TASKS

TASKS = "/api/v1/tasks"
LogIn = Callable[[str], dict[str, str]]


def leave_room(engine: Engine, count: int) -> None:
    """As if every user kept all but so many of the tasks that one may."""
    with engine.execution_options(writes=True).begin() as connection:
        connection.execute(update(tables.users).values(task_count=MAX_TASKS - count))


def test_the_last_task_fits_and_no_more(client: TestClient, log_in: LogIn, engine: Engine) -> None:
    ann = log_in("ann")
    leave_room(engine, 1)
    last = client.post(TASKS, json={"title": "x"}, headers=ann)
    assert last.status_code == 201
    refused = client.post(TASKS, json={"title": "x"}, headers=ann)
    assert (refused.status_code, refused.headers["Content-Type"]) == (409, "application/problem+json")
    assert client.patch(last.headers["Location"], json={"status": "done"}, headers=ann).status_code == 200
    client.delete(last.headers["Location"], headers=ann)
    assert client.post(TASKS, json={"title": "x"}, headers=ann).status_code == 201


def test_an_import_fits_as_a_whole_or_brings_nothing(client: TestClient, log_in: LogIn, engine: Engine) -> None:
    ann = log_in("ann")
    leave_room(engine, 2)
    document = {"format": "task-service/1", "tasks": [{"title": "x"}] * 3}
    assert client.post(f"{TASKS}/import", json=document, headers=ann).status_code == 409
    assert client.get(TASKS, headers=ann).json()["items"] == []
    document["tasks"] = [{"title": "x"}] * 2
    assert client.post(f"{TASKS}/import", json=document, headers=ann).json() == {"created": 2, "skipped": 0}
    exported = client.get(f"{TASKS}/export", headers=ann).json()
    again = {"format": exported["format"], "tasks": exported["tasks"]}
    assert client.post(f"{TASKS}/import", json=again, headers=ann).json() == {"created": 0, "skipped": 2}


def test_of_tasks_at_once_only_those_that_fit_are_made(client: TestClient, log_in: LogIn, engine: Engine) -> None:
    ann = log_in("ann")
    leave_room(engine, 3)
    with ThreadPoolExecutor(8) as threads:
        statuses = list(
            threads.map(lambda _: client.post(TASKS, json={"title": "x"}, headers=ann).status_code, range(8))
        )
    assert sorted(statuses) == 3 * [201] + 5 * [409]
    assert len(client.get(TASKS, headers=ann).json()["items"]) == 3


@pytest.mark.parametrize("refused", [False, True])
def test_the_number_of_tasks_is_right_after_all_that_happens(
    client: TestClient, log_in: LogIn, engine: Engine, refused: bool
) -> None:
    ann = log_in("ann")
    made = [client.post(TASKS, json={"title": "x"}, headers=ann).headers["Location"] for _ in range(5)]
    ids = [where.removeprefix(f"{TASKS}/") for where in made]
    client.delete(made[0], headers=ann)
    client.post(f"{TASKS}/bulk/delete", json={"ids": [ids[0], ids[1], ids[2]]}, headers=ann)
    client.post(f"{TASKS}/bulk/complete", json={"ids": ids}, headers=ann)
    client.post(f"{TASKS}/import", json={"format": "task-service/1", "tasks": [{"title": "x"}] * 4}, headers=ann)
    client.patch(made[4], json={"title": "y"}, headers=ann)
    if refused:
        client.delete(made[0], headers=ann)
        client.delete(made[4], headers=ann | {"If-Match": '"0"'})
        client.post(TASKS, json={"title": ""}, headers=ann)
        client.post(f"{TASKS}/bulk/delete", json={"ids": ids[:3]}, headers=ann)
    with engine.begin() as connection:
        counted = connection.scalar(select(func.count()).select_from(tables.tasks))
        assert connection.scalar(select(tables.users.c.task_count)) == counted == 6
