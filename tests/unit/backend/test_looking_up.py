"""What indexes answer at once: SQLite is asked on the spot, and a thread takes over when that does not work out."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import URL, Connection, text
from sqlalchemy.exc import DatabaseError, OperationalError

from app.data.database import Database, open_engine
from app.data.errors import Missing


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = Database(open_engine(URL.create("sqlite", database=str(tmp_path / "tasks.sqlite3"))))
    yield opened
    opened.close()


def thread_and_patience(connection: Connection) -> tuple[int, int]:
    return threading.get_ident(), connection.execute(text("PRAGMA busy_timeout")).scalar_one()


def test_it_is_asked_on_the_spot_and_not_waited_for(database: Database) -> None:
    assert asyncio.run(database.look_up(thread_and_patience)) == (threading.get_ident(), 0)


def test_a_thread_waits_for_one_that_is_busy(database: Database) -> None:
    asked: list[tuple[int, int]] = []

    def work(connection: Connection) -> str:
        asked.append(thread_and_patience(connection))
        if len(asked) == 1:
            raise OperationalError("SELECT", {}, Exception("database is locked"))
        return "found"

    assert asyncio.run(database.look_up(work)) == "found"

    (here, none), (elsewhere, patience) = asked
    assert here == threading.get_ident() != elsewhere
    assert none == 0 < patience


def test_what_the_work_says_is_the_answer(database: Database) -> None:
    def work(connection: Connection) -> None:
        raise Missing

    for _ in range(2):
        with pytest.raises(Missing):
            asyncio.run(database.look_up(work))
    assert asyncio.run(database.look_up(thread_and_patience))[0] == threading.get_ident()


def test_a_damaged_file_is_an_outage(database: Database) -> None:
    def work(connection: Connection) -> None:
        raise DatabaseError("SELECT", {}, Exception("database disk image is malformed"))

    with pytest.raises(OperationalError, match="malformed"):
        asyncio.run(database.look_up(work))


def test_a_connection_that_was_lost_is_replaced(database: Database) -> None:
    def lose(connection: Connection) -> None:
        assert connection.connection.dbapi_connection is not None
        connection.connection.dbapi_connection.close()
        thread_and_patience(connection)

    for _ in range(2):
        with pytest.raises(OperationalError):
            asyncio.run(database.look_up(lose))
        assert asyncio.run(database.look_up(thread_and_patience)) == (threading.get_ident(), 0)
