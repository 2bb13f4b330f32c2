"""Streams of events of a real server: across replicas, over a restart of the database, to the end of the process."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.integration.backend.conftest import Prepare
from tests.real.backend import PASSWORD, Backend
from tests.real.postgres import Postgres
from tests.real.processes import LOOPBACK, until

EVENTS, TASKS, AUTH = "/api/v1/events", "/api/v1/tasks", "/api/v1/auth"
CHANGES, AT_ONCE, NOTE = 5_000, 500, 4_000
LESS_THAN_SILENCE = 10.0
"""Seconds to wait for an event. Without being woken a stream looks only after 15."""


@dataclass(frozen=True, kw_only=True)
class Event:
    id: int
    data: Any


def events(lines: Iterator[str]) -> Iterator[Event]:
    """Those that carry data."""
    fields: dict[str, str] = {}
    for line in lines:
        name, _, value = line.rstrip("\r\n").partition(": ")
        if name:
            fields[name] = value
        elif "data" in fields:
            yield Event(id=int(fields["id"]), data=json.loads(fields["data"]))
            fields = {}
        else:
            fields = {}


@contextmanager
def listening(client: httpx2.Client) -> Iterator[Iterator[Event]]:
    """The events from now on."""
    with client.stream("GET", EVENTS, timeout=LESS_THAN_SILENCE) as response:
        assert response.status_code == 200
        lines = response.iter_lines()
        assert next(lines).startswith("id: ")
        yield events(lines)


def at(replica: Backend, client: httpx2.Client) -> httpx2.Client:
    """The same user at another replica."""
    return replica.client(headers={"Authorization": client.headers["Authorization"]})


def make(client: httpx2.Client, title: str) -> dict[str, Any]:
    made: dict[str, Any] = client.post(TASKS, json={"title": title}).raise_for_status().json()
    return made


@pytest.fixture
def replicas(prepare: Prepare, mortal_postgres: Postgres) -> tuple[Backend, Backend]:
    """Two on one database."""
    first, second = (prepare(DATABASE_URL=mortal_postgres.url("tasks")) for _ in range(2))
    first.start()
    second.start()
    return first, second


def test_a_change_through_one_replica_arrives_at_a_stream_of_the_other(replicas: tuple[Backend, Backend]) -> None:
    here = replicas[0].sign_up("ann")
    there = at(replicas[1], here)
    with listening(here) as of_first, listening(there) as of_second:
        for client in (here, there):
            task = make(client, "Seen by all")
            for stream in (of_first, of_second):
                assert next(stream) == Event(id=task["version"], data={"kind": "changed", "task": task})


def test_a_session_that_ends_at_one_replica_ends_its_streams_at_the_other(replicas: tuple[Backend, Backend]) -> None:
    here = replicas[0].sign_up("ann")
    token = here.post(f"{AUTH}/login", data={"username": "ann", "password": PASSWORD}).json()
    there = replicas[1].client(headers={"Authorization": f"Bearer {token['access_token']}"})
    with listening(there) as stream:
        here.post(f"{AUTH}/logout", json={"refresh_token": token["refresh_token"]}).raise_for_status()
        assert list(stream) == []


def test_streams_go_on_when_the_database_is_back(replicas: tuple[Backend, Backend], mortal_postgres: Postgres) -> None:
    here = replicas[0].sign_up("ann")
    there = at(replicas[1], here)
    with listening(here) as of_first, listening(there) as of_second:
        mortal_postgres.kill()
        assert here.get("/health/ready").status_code == 503
        mortal_postgres.start()
        assert until(lambda: mortal_postgres.listening() == len(replicas))  # the longer it was away, the later

        task = make(there, "After")
        for stream in (of_first, of_second):
            assert next(stream) == Event(id=1, data={"kind": "changed", "task": task})
    for replica in replicas:
        assert "Traceback" not in replica.log


def test_a_server_told_to_stop_ends_its_streams_and_answers_what_was_asked(
    prepare: Prepare, mortal_postgres: Postgres
) -> None:
    backend = prepare(DATABASE_URL=mortal_postgres.url("tasks"))
    backend.start()
    ann, ben = backend.sign_up("ann"), backend.sign_up("ben")
    with listening(ann) as of_ann, listening(ben) as of_ben, ThreadPoolExecutor(2) as threads:
        task, _ = make(ann, "before"), make(ben, "before")
        for stream in (of_ann, of_ben):
            assert next(stream).id == 1
        with mortal_postgres.locked("tasks", "tasks"):
            asked = threads.submit(ann.patch, f"{TASKS}/{task['id']}", json={"title": "after"})
            assert until(lambda: mortal_postgres.waiting() == 1)
            stopped = threads.submit(backend.stop)

            assert [list(of_ann), list(of_ben)] == [[], []]
            assert not asked.done()
        assert asked.result().json()["title"] == "after"
        assert stopped.result() == -signal.SIGTERM  # the server ends by the signal again when it has obeyed it
    assert "graceful" not in backend.log
    assert "Application shutdown complete" in backend.log


def test_a_reader_who_takes_nothing_holds_no_memory(prepare: Prepare) -> None:
    """While five thousand changes happen, twenty megabytes of them."""
    backend = prepare()
    backend.start()
    import_many(backend.sign_up("ann"))  # what the changes themselves cost
    before = resident_bytes(backend)

    ben = backend.sign_up("ben")
    with unread_stream(backend, ben) as response:
        import_many(ben)
        grown = resident_bytes(backend) - before
        assert grown < CHANGES * NOTE / 2  # each connection of SQLite keeps pages of its own
        [last] = ben.get(TASKS, params={"limit": 1}).json()["items"]
        done = ben.patch(f"{TASKS}/{last['id']}", json={"status": "done"}).raise_for_status().json()

        told = events(line.decode() for line in response)
        latest: dict[str, dict[str, Any]] = {}
        count = 0
        while len(latest) < CHANGES or latest[done["id"]] != done:
            task = next(told).data["task"]
            latest[task["id"]] = task
            count += 1
    assert count <= CHANGES + 1


def import_many(client: httpx2.Client) -> None:
    for part in range(CHANGES // AT_ONCE):
        tasks = [{"title": f"{part} {number}", "notes": "n" * NOTE} for number in range(AT_ONCE)]
        answer = client.post(f"{TASKS}/import", json={"format": "task-service/1", "tasks": tasks})
        assert answer.raise_for_status().json()["created"] == AT_ONCE


def resident_bytes(backend: Backend) -> int:
    pages = Path(f"/proc/{backend.pid}/statm").read_text().split()[1]
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


@contextmanager
def unread_stream(backend: Backend, client: httpx2.Client) -> Iterator[http.client.HTTPResponse]:
    """A stream of which nothing is read before the caller does, over a connection that holds little by itself."""
    with socket.socket() as line:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        line.settimeout(LESS_THAN_SILENCE)
        line.connect((LOOPBACK, backend.port))
        proof = client.headers["Authorization"]
        line.sendall(f"GET {EVENTS} HTTP/1.1\r\nHost: {LOOPBACK}\r\nAuthorization: {proof}\r\n\r\n".encode())
        response = http.client.HTTPResponse(line)
        response.begin()
        yield response
