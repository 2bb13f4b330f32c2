"""News from other replicas: who is woken by what PostgreSQL says, and after a time when it could say nothing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any, Self, cast
from uuid import UUID, uuid4

import psycopg

from app.live.broker import Broker
from app.live.postgres import listen

ANN, BOB = uuid4(), uuid4()
UNREACHABLE = None


class Over(Exception):
    """The test has seen enough."""


class Database:
    """Stands in for PostgreSQL: each connection says its payloads and is lost. Notes who was woken by what."""

    def __init__(self, *connections: list[str] | None) -> None:
        self._connections = iter(connections)
        self._said: list[str] = []
        self.waits: list[float] = []
        self.woken: list[tuple[str, set[UUID]]] = []

    def heard_by(self, broker: Broker) -> None:
        async def run() -> None:
            self._streams = [broker.open(user, seconds=60) for user in (ANN, BOB)]
            with suppress(Over):
                await listen(self._connect, broker, sleep=self._sleep)

        asyncio.run(run())

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *error: object) -> None:
        pass

    async def execute(self, statement: Any) -> None:
        assert statement.as_string() == 'LISTEN "task_changes"'
        self._note("nothing yet")

    async def notifies(self) -> AsyncIterator[psycopg.Notify]:
        self._note("connected")
        for payload in self._said:
            yield psycopg.Notify("task_changes", payload, 1)
            self._note(payload)
        raise psycopg.OperationalError("the connection is lost")

    async def _connect(self) -> psycopg.AsyncConnection:
        try:
            said = next(self._connections)
        except StopIteration:
            raise Over from None
        if said is None:
            raise psycopg.OperationalError("nobody is there")
        self._said = said
        return cast(psycopg.AsyncConnection, self)

    async def _sleep(self, seconds: float) -> None:
        self.waits.append(seconds)

    def _note(self, what: str) -> None:
        self.woken.append((what, {stream.user_id for stream in self._streams if stream.news.is_set()}))
        for stream in self._streams:
            stream.news.clear()


def test_only_who_is_named_is_woken() -> None:
    stranger = str(uuid4())
    database = Database([str(ANN), "what is this?", stranger, str(BOB)])

    database.heard_by(Broker())

    assert database.woken[2:] == [(str(ANN), {ANN}), ("what is this?", set()), (stranger, set()), (str(BOB), {BOB})]


def test_everybody_is_woken_when_it_listens_again() -> None:
    database = Database([], UNREACHABLE, [])

    database.heard_by(Broker())

    assert database.woken == [("nothing yet", set()), ("connected", {ANN, BOB})] * 2


def test_it_asks_less_and_less_often_until_it_succeeds() -> None:
    database = Database(*[UNREACHABLE] * 7, [], UNREACHABLE)

    database.heard_by(Broker())

    assert database.waits == [0.5, 1, 2, 4, 8, 15, 15, 0.5, 1]
