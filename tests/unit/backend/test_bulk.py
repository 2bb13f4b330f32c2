"""Completing and deleting many tasks in one go."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine, select

from app.data import bulk, removals, tables, users
from app.data.changes import since
from app.data.ids import time_ordered_id

TASKS = "/api/v1/tasks"
LogIn = Callable[[str], dict[str, str]]


def add(client: TestClient, who: dict[str, str], count: int, **fields: str) -> list[str]:
    made = [client.post(TASKS, json={"title": "x"} | fields, headers=who).raise_for_status() for _ in range(count)]
    return [answer.json()["id"] for answer in made]


def by_id(client: TestClient, who: dict[str, str]) -> dict[str, dict[str, Any]]:
    return {task["id"]: task for task in client.get(f"{TASKS}?limit=100", headers=who).json()["items"]}


def test_tasks_are_completed_in_the_order_they_are_named(client: TestClient, log_in: LogIn) -> None:
    ann, bob = log_in("ann"), log_in("bob")
    first, second, third = add(client, ann, 3)
    (was_done,) = add(client, ann, 1, status="done")
    (bobs,) = add(client, bob, 1)
    nobodys = str(time_ordered_id())
    before = by_id(client, ann)

    answer = client.post(f"{TASKS}/bulk/complete", json={"ids": [third, bobs, was_done, first, nobodys]}, headers=ann)

    assert answer.json() == {"done": [third, was_done, first], "missing": [bobs, nobodys]}
    after = by_id(client, ann)
    assert {after[task_id]["status"] for task_id in (first, third)} == {"done"}
    assert all(after[task_id]["completed_at"] == after[task_id]["updated_at"] for task_id in (first, third))
    assert (after[third]["version"], after[first]["version"]) == (5, 6)
    assert (after[second], after[was_done]) == (before[second], before[was_done])
    assert by_id(client, bob)[bobs]["status"] == "todo"


def test_tasks_are_deleted_and_others_stay(client: TestClient, log_in: LogIn) -> None:
    ann, bob = log_in("ann"), log_in("bob")
    first, second, third = add(client, ann, 3)
    (bobs,) = add(client, bob, 1)

    answer = client.post(f"{TASKS}/bulk/delete", json={"ids": [bobs, third, first]}, headers=ann)
    assert answer.json() == {"done": [third, first], "missing": [bobs]}
    assert (list(by_id(client, ann)), list(by_id(client, bob))) == ([second], [bobs])

    again = client.post(f"{TASKS}/bulk/delete", json={"ids": [third, first]}, headers=ann)
    assert again.json() == {"done": [], "missing": [third, first]}


@pytest.mark.parametrize("what", ["complete", "delete"])
def test_one_to_a_hundred_different_ids_are_named(client: TestClient, log_in: LogIn, what: str) -> None:
    ann = log_in("ann")
    ids = [str(time_ordered_id()) for _ in range(101)]
    for wrong in ([], ids, [ids[0], ids[0]], [ids[0], ids[0].upper()], ["x"], [None], [7], None, ids[0]):
        assert client.post(f"{TASKS}/bulk/{what}", json={"ids": wrong}, headers=ann).status_code == 422, wrong
    for body in ({}, {"ids": ids[:1], "all": True}, ids[:1]):
        assert client.post(f"{TASKS}/bulk/{what}", json=body, headers=ann).status_code == 422
    for right in (ids[:1], ids[:100]):
        answer = client.post(f"{TASKS}/bulk/{what}", json={"ids": right}, headers=ann)
        assert answer.json() == {"done": [], "missing": right}


def test_every_change_of_a_bulk_is_told_to_whoever_was_away(client: TestClient, log_in: LogIn, engine: Engine) -> None:
    ann = log_in("ann")
    ids = [UUID(task_id) for task_id in add(client, ann, 4)]
    owner = owner_of(engine, ids[0])
    with engine.execution_options(writes=True).begin() as connection:
        bulk.complete(connection, owner, [ids[2], ids[0]])
        bulk.remove(connection, owner, [ids[3], ids[1]])
    with engine.begin() as connection:
        seen = since(connection, owner, 4)
    assert [(change.version, change.task_id, change.task is None) for change in seen.page] == [
        (5, ids[2], False),
        (6, ids[0], False),
        (7, ids[3], True),
        (8, ids[1], True),
    ]


def test_the_newest_thousand_removals_stay_on_record(client: TestClient, log_in: LogIn, engine: Engine) -> None:
    ann = log_in("ann")
    (kept,) = add(client, ann, 1)
    owner = owner_of(engine, UUID(kept))
    others = owner_of(engine, UUID(add(client, log_in("bob"), 1)[0]))

    def remove(user_id: UUID, count: int) -> None:
        with engine.execution_options(writes=True).begin() as connection:
            versions = users.next_versions(connection, user_id, count)
            removals.record(connection, user_id, {time_ordered_id(): version for version in versions})

    def on_record(user_id: UUID) -> tuple[int, int, int]:
        """The newest that is forgotten, and the oldest and the number of those that are not."""
        with engine.begin() as connection:
            forgotten = connection.scalar(select(tables.users.c.forgotten).where(tables.users.c.id == user_id))
            own = tables.removals.c.owner_id == user_id
            versions = list(connection.scalars(select(tables.removals.c.version).where(own)))
        return forgotten or 0, min(versions), len(versions)

    remove(others, 2)
    remove(owner, 999)
    assert on_record(owner) == (0, 2, 999)
    remove(owner, 1)
    assert on_record(owner) == (0, 2, 1_000)
    remove(owner, 1)
    assert on_record(owner) == (2, 3, 1_000)
    remove(owner, 1_500)
    assert on_record(owner) == (1_502, 1_503, 1_000)
    assert on_record(others) == (0, 2, 2)


def owner_of(engine: Engine, task_id: UUID) -> UUID:
    with engine.begin() as connection:
        owner: UUID = connection.execute(
            select(tables.tasks.c.owner_id).where(tables.tasks.c.id == task_id)
        ).scalar_one()
    return owner
