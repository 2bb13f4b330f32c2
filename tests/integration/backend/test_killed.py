"""kill -9 during writes: what was acknowledged is there afterwards, as it was acknowledged."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import httpx2
import pytest

from tests.integration.backend.conftest import Prepare
from tests.real.backend import Backend
from tests.real.postgres import Postgres
from tests.real.processes import until

TASKS = "/api/v1/tasks"
WRITERS = 4
SEEDS = [11, 12, 13]


@dataclass
class Acknowledged:
    """Tasks as they were last acknowledged, and those about whose last write nothing is known."""

    tasks: dict[str, dict[str, Any]] = field(default_factory=dict)
    deleted: set[str] = field(default_factory=set)
    unanswered: set[str] = field(default_factory=set)
    writes: int = 0


def write(client: httpx2.Client, known: Acknowledged, chance: random.Random) -> None:
    """Create, change and delete tasks until the server or its database is gone. One of these for each thread."""
    while True:
        task = chance.choice(sorted(known.tasks)) if known.tasks and chance.random() < 0.5 else ""
        try:
            answer = _write_one(client, task, chance)
        except httpx2.TransportError:
            known.unanswered.add(task)
            return
        if answer.status_code >= 500:
            known.unanswered.add(task)
            return
        _note(known, task, answer)


def _write_one(client: httpx2.Client, task: str, chance: random.Random) -> httpx2.Response:
    title = f"task {chance.getrandbits(64)}"
    if not task:
        return client.post(TASKS, json={"title": title, "tags": ["killed"]})
    if chance.random() < 0.2:
        return client.delete(f"{TASKS}/{task}")
    return client.patch(f"{TASKS}/{task}", json={"title": title, "status": "doing"})


def _note(known: Acknowledged, task: str, answer: httpx2.Response) -> None:
    assert answer.status_code in {200, 201, 204}, answer.text
    known.writes += 1
    if answer.status_code == 204:
        known.deleted.add(task)
        del known.tasks[task]
    else:
        known.tasks[answer.json()["id"]] = answer.json()


def interrupted(clients: list[httpx2.Client], seed: int, kill: Callable[[], None]) -> list[Acknowledged]:
    """What each of the clients knows after the kill, which comes after as many writes as the seed says."""
    known = [Acknowledged() for _ in clients]
    enough = random.Random(seed).randrange(40, 160)
    with ThreadPoolExecutor(len(clients)) as threads:
        writers = [
            threads.submit(write, client, one, random.Random(seed * 100 + number))
            for number, (client, one) in enumerate(zip(clients, known, strict=True))
        ]
        killer = threading.Thread(target=kill)
        reached = until(lambda: sum(one.writes for one in known) >= enough or any(one.done() for one in writers))
        killer.start()
        killer.join()
        for writer in writers:
            writer.result(timeout=60)
    assert reached
    assert sum(one.writes for one in known) >= enough
    return known


def assert_kept(clients: list[httpx2.Client], known: list[Acknowledged]) -> None:
    for client, one in zip(clients, known, strict=True):
        for task, as_acknowledged in one.tasks.items():
            answer = client.get(f"{TASKS}/{task}")
            if task not in one.unanswered:
                assert (answer.status_code, answer.json()) == (200, as_acknowledged)
        for task in one.deleted:
            assert client.get(f"{TASKS}/{task}").status_code == 404


def users(backend: Backend) -> list[httpx2.Client]:
    return [backend.sign_up(f"writer-{number}") for number in range(WRITERS)]


@pytest.mark.parametrize("seed", SEEDS)
def test_the_server_is_killed(prepare: Prepare, kept_in: dict[str, str], seed: int) -> None:
    backend = prepare(**kept_in)
    backend.start()
    clients = users(backend)

    known = interrupted(clients, seed, backend.kill)
    backend.start()

    assert_kept(clients, known)
    assert clients[0].post(TASKS, json={"title": "goes on"}).status_code == 201


@pytest.mark.parametrize("seed", SEEDS)
def test_the_database_server_is_killed(prepare: Prepare, mortal_postgres: Postgres, seed: int) -> None:
    backend = prepare(DATABASE_URL=mortal_postgres.url("tasks"))
    backend.start()
    clients = users(backend)

    known = interrupted(clients, seed, mortal_postgres.kill)
    mortal_postgres.start()

    assert_kept(clients, known)
    assert clients[0].post(TASKS, json={"title": "goes on"}).status_code == 201
