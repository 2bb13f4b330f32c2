"""Changes of my tasks, as they arrive in my other open pages."""

from __future__ import annotations

import gc
from collections.abc import Callable
from itertools import product
from typing import Any
from uuid import UUID

from fastapi.testclient import TestClient
from sqlalchemy import Engine, update

from app.api.events import PAGE
from app.data.changes import Change
from app.data.tables import users
from app.data.tasks import change
from app.live.broker import Broker
from tests.real.processes import until
from tests.unit.backend.event_reader import Event, EventReader

TASKS = "/api/v1/tasks"
LogIn = Callable[[str], dict[str, str]]
OpenStream = Callable[..., EventReader]


def make(client: TestClient, headers: dict[str, str], title: str = "Write") -> dict[str, Any]:
    made: dict[str, Any] = client.post(TASKS, json={"title": title}, headers=headers).raise_for_status().json()
    return made


def changed(task: dict[str, Any]) -> Event:
    return Event(event="task", id=str(task["version"]), data={"kind": "changed", "task": task})


def test_a_change_arrives_as_it_happens(client: TestClient, log_in: LogIn, open_stream: OpenStream) -> None:
    ann = log_in("ann")
    make(client, ann, "Before")
    reader = open_stream(ann)
    assert reader.status == 200
    assert reader.headers["content-type"].startswith("text/event-stream")
    assert reader.headers["cache-control"] == "no-store"
    assert reader.next() == Event(id="1", retry="3000")

    task = make(client, ann)
    assert reader.next() == changed(task)

    done = client.patch(f"{TASKS}/{task['id']}", json={"status": "done"}, headers=ann).json()
    assert reader.next() == changed(done)

    client.delete(f"{TASKS}/{task['id']}", headers=ann).raise_for_status()
    assert reader.next() == Event(event="task", id="4", data={"kind": "deleted", "id": task["id"]})


def test_who_comes_back_is_told_each_change_once_as_it_is_now(
    client: TestClient, log_in: LogIn, open_stream: OpenStream
) -> None:
    ann = log_in("ann")
    seen, gone, never_seen, new = (make(client, ann, title) for title in ("seen", "gone", "never seen", "new"))
    client.delete(f"{TASKS}/{gone['id']}", headers=ann)
    client.delete(f"{TASKS}/{never_seen['id']}", headers=ann)
    for title in ("once", "twice"):
        seen = client.patch(f"{TASKS}/{seen['id']}", json={"title": title}, headers=ann).json()

    told = open_stream(ann, since=2, query="once=true").rest()

    assert told == [
        Event(id="2", retry="3000"),
        changed(new),
        Event(event="task", id="5", data={"kind": "deleted", "id": gone["id"]}),
        Event(event="task", id="6", data={"kind": "deleted", "id": never_seen["id"]}),
        changed(seen),
    ]


def test_more_than_a_page_arrives_whole_and_in_order(
    client: TestClient, log_in: LogIn, open_stream: OpenStream
) -> None:
    ann = log_in("ann")
    tasks = [make(client, ann, str(number)) for number in range(2 * PAGE + 1)]

    assert open_stream(ann, since=0, query="once=true").rest()[1:] == [changed(task) for task in tasks]


def test_nobody_else_hears_of_it(client: TestClient, log_in: LogIn, open_stream: OpenStream) -> None:
    ann, bob = log_in("ann"), log_in("bob")
    reader = open_stream(bob)
    assert reader.next() == Event(id="0", retry="3000")
    _, deleted = make(client, ann), make(client, ann)
    client.delete(f"{TASKS}/{deleted['id']}", headers=ann)

    of_bob = make(client, bob)

    assert reader.next() == changed(of_bob)
    assert open_stream(bob, since=0, query="once=true").rest()[1:] == [changed(of_bob)]


def test_who_knows_a_version_that_never_was_starts_anew(
    client: TestClient, log_in: LogIn, open_stream: OpenStream
) -> None:
    ann = log_in("ann")
    make(client, ann)
    for known in ("", "x", "-1", "+1", "1.5", "1e3", "٣", "2", "9" * 30, "null"):
        hello, *told = open_stream(ann, since=known, query="once=true").rest()
        assert hello.data is None
        assert told == [Event(event="reset", id="1", data={})], known


def test_after_a_new_start_the_stream_goes_on(client: TestClient, log_in: LogIn, open_stream: OpenStream) -> None:
    ann = log_in("ann")
    reader = open_stream(ann, since="what I know is of no use")
    assert reader.next() == Event(retry="3000")
    assert reader.next() == Event(event="reset", id="0", data={})

    task = make(client, ann)

    assert reader.next() == changed(task)


def test_who_was_away_for_longer_than_deletions_are_kept_starts_anew(
    client: TestClient, log_in: LogIn, open_stream: OpenStream, engine: Engine
) -> None:
    ann = log_in("ann")
    for number in range(4):
        make(client, ann, str(number))
    with engine.execution_options(writes=True).begin() as connection:
        connection.execute(update(users).values(forgotten=3))

    told = {since: open_stream(ann, since=since, query="once=true").rest()[1:] for since in (2, 3)}

    assert told[2] == [Event(event="reset", id="4", data={})]
    assert [event.id for event in told[3]] == ["4"]


def test_polling_ends_though_nothing_happened(log_in: LogIn, open_stream: OpenStream, broker: Broker) -> None:
    reader = open_stream(log_in("ann"), query="once=true")
    assert reader.rest() == [Event(id="0", retry="3000")]
    reader.await_end()
    assert len(broker) == 0


def test_who_hangs_up_is_forgotten_at_once(log_in: LogIn, open_stream: OpenStream, broker: Broker) -> None:
    reader = open_stream(log_in("ann"))
    reader.next()
    assert len(broker) == 1

    reader.leave()

    assert len(broker) == 0


def test_without_a_valid_token_there_is_no_stream(log_in: LogIn, open_stream: OpenStream, broker: Broker) -> None:
    for headers in ({}, {"Authorization": "Bearer x"}):
        refused = open_stream(headers)
        assert refused.status == 401
        assert refused.body()["status"] == 401
    assert len(broker) == 0


def test_the_newest_streams_of_a_user_stay(log_in: LogIn, open_stream: OpenStream, broker: Broker) -> None:
    ann, bob = log_in("ann"), log_in("bob")
    of_bob = open_stream(bob)
    readers = [open_stream(ann) for _ in range(21)]

    assert readers[0].rest() == [Event(id="0", retry="3000")]
    assert len(broker) == 21
    for reader in (*readers[1:], of_bob):
        reader.next()
        reader.leave()


def test_a_process_that_stops_ends_its_streams_and_opens_no_more(
    client: TestClient, log_in: LogIn, open_stream: OpenStream, broker: Broker
) -> None:
    ann = log_in("ann")
    reader = open_stream(ann)
    assert client.portal is not None
    client.portal.call(broker.stop)

    assert reader.rest() == [Event(id="0", retry="3000")]
    refused = open_stream(ann)
    assert refused.status == 503
    assert int(refused.headers["retry-after"]) > 0
    assert refused.body()["title"] == "Service Unavailable"


def test_a_reader_who_takes_nothing_costs_nothing_and_is_told_the_latest(
    client: TestClient, log_in: LogIn, open_stream: OpenStream, engine: Engine, broker: Broker
) -> None:
    """Five hundred changes happen while it has not taken the first."""
    ann = log_in("ann")
    first, *others = (make(client, ann, str(number)) for number in range(PAGE))
    owner = UUID(client.get("/api/v1/auth/me", headers=ann).json()["id"])
    reader = open_stream(ann)
    reader.next()
    with reader.held():
        before = reader.sent
        stale = client.patch(f"{TASKS}/{first['id']}", json={"title": "stale"}, headers=ann).json()
        assert until(lambda: reader.sent == before + 1)
        for _ in range(5):
            with engine.execution_options(writes=True).begin() as connection:
                for number, task in product(range(5), (first, *others)):
                    change(connection, owner, UUID(task["id"]), {"status": ("todo", "done")[number % 2]})
            assert client.portal is not None
            client.portal.call(broker.wake, owner)
        assert reader.sent == before + 1
        gc.collect()  # of what other tests left behind
        assert sum(isinstance(held, Change) for held in gc.get_objects()) <= PAGE
        latest = [client.get(f"{TASKS}/{task['id']}", headers=ann).json() for task in (first, *others)]

    assert latest[-1]["version"] == PAGE + 1 + 500
    assert [reader.next() for _ in range(1 + PAGE)] == [changed(stale), *map(changed, latest)]
    last = make(client, ann, "after")
    assert reader.next() == changed(last)
