"""The database goes away and comes back: said to whoever asks, and nothing has to be restarted or is lost."""

from __future__ import annotations

import signal
from concurrent.futures import ThreadPoolExecutor

import httpx2
import pytest

from tests.integration.backend.conftest import Prepare
from tests.real.backend import Backend
from tests.real.postgres import Postgres
from tests.real.processes import LOOPBACK, free_port, until

TASKS = "/api/v1/tasks"


@pytest.fixture
def backend(prepare: Prepare, mortal_postgres: Postgres) -> Backend:
    backend = prepare(DATABASE_URL=mortal_postgres.url("tasks"))
    backend.start()
    return backend


def assert_told(answer: httpx2.Response) -> None:
    assert answer.status_code == 503
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert int(answer.headers["Retry-After"]) > 0
    assert answer.json()["status"] == 503
    assert "psycopg" not in answer.text


def test_it_is_told_and_then_goes_on(backend: Backend, mortal_postgres: Postgres) -> None:
    ann, anyone = backend.sign_up("ann"), backend.client()
    kept = ann.post(TASKS, json={"title": "before"}).raise_for_status().json()

    mortal_postgres.stop()
    for answer in (
        ann.get(TASKS),
        ann.post(TASKS, json={"title": "meanwhile"}),
        ann.patch(f"{TASKS}/{kept['id']}", json={"title": "changed"}),
        anyone.post("/api/v1/auth/login", data={"username": "ann", "password": "a wrong password"}),
        anyone.get("/health/ready"),
    ):
        assert_told(answer)
    assert anyone.get("/health/live").status_code == 200
    assert anyone.get("/version").status_code == 200

    mortal_postgres.start()
    assert anyone.get("/health/ready").status_code == 200
    assert [task["title"] for task in ann.get(TASKS).json()["items"]] == ["before"]
    assert ann.patch(f"{TASKS}/{kept['id']}", json={"title": "after"}).status_code == 200
    assert "opens-nothing" not in backend.log
    assert all(record["message"] for record in backend.records())


def test_a_request_under_way_is_told_too(backend: Backend, mortal_postgres: Postgres) -> None:
    """Requests of several people wait in the database, which stands still, when it ends under them."""
    people = [backend.sign_up(name) for name in ("ann", "ben", "cem")]
    before = [person.post(TASKS, json={"title": "before"}).raise_for_status().json() for person in people]

    with ThreadPoolExecutor(len(people)) as threads, mortal_postgres.locked("tasks", "tasks"):
        requests = [
            threads.submit(person.patch, f"{TASKS}/{task['id']}", json={"title": "after"})
            for person, task in zip(people, before, strict=True)
        ]
        assert until(lambda: mortal_postgres.waiting() == len(people))
        mortal_postgres.kill()
        for request in requests:
            assert_told(request.result(timeout=60))
    mortal_postgres.start()

    for person, task in zip(people, before, strict=True):
        assert person.get(f"{TASKS}/{task['id']}").json() == task


def test_sessions_that_the_database_ended_are_replaced(backend: Backend, mortal_postgres: Postgres) -> None:
    """As after a failover: connections in the pool are dead, and the server answers again already."""
    ann = backend.sign_up("ann")
    with ThreadPoolExecutor(8) as threads:
        made = list(threads.map(lambda _: ann.post(TASKS, json={"title": "one"}).status_code, range(16)))
    assert made == [201] * 16

    mortal_postgres.kill()
    mortal_postgres.start()

    with ThreadPoolExecutor(8) as threads:
        assert {answer.status_code for answer in threads.map(lambda _: ann.get(TASKS), range(16))} == {200}


def test_a_start_without_the_database_ends_with_one_line(prepare: Prepare) -> None:
    port = free_port()
    backend = prepare(DATABASE_URL=f"postgresql://ann:sekret@{LOOPBACK}:{port}/tasks", DATABASE_WAIT="1")

    code = backend.launch().wait(60)

    assert code not in {0, -signal.SIGKILL}
    [why] = [record["message"] for record in backend.records() if record["message"].startswith("cannot start: ")]
    assert "database did not answer" in why
    assert str(port) in why
    assert "Traceback" not in backend.log
    assert "sekret" not in backend.log
