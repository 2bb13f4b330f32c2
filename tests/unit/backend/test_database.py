"""The database as the app opens it: who may read it, how long it is waited for, and what happens when it is away."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
import pytest
from fastapi.testclient import TestClient
from psycopg import errors as postgres_errors
from sqlalchemy import URL, Connection, Engine, text
from sqlalchemy.exc import (
    DatabaseError,
    DataError,
    DBAPIError,
    IntegrityError,
    InterfaceError,
    InternalError,
    OperationalError,
    ProgrammingError,
)

from app.config import Settings
from app.data import database as opening
from app.data.database import Database, open_engine
from app.data.errors import CannotStart
from app.data.failures import as_outage
from app.factory import create_app
from tests.unit.backend.keys import KEYS

LogIn = Callable[[str], dict[str, str]]
TASKS = "/api/v1/tasks"


@pytest.fixture
def postgres_engine(engine: Engine) -> Engine:
    if engine.dialect.name != "postgresql":
        pytest.skip("says something of PostgreSQL: run with --database postgres")
    return engine


@pytest.fixture
def sqlite_settings(settings: Settings) -> Settings:
    if settings.database_url is not None:
        pytest.skip("says something of SQLite")
    return settings


def test_a_server_without_its_database_ends_with_one_line_and_without_the_password(backend: Path) -> None:
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("JWT_", "APP_ENV"))}
    away = {"DATABASE_URL": "postgres://ann:sekret@127.0.0.1:1/d", "DATABASE_WAIT": "0", "JWT_KEY_A": KEYS["A"]}
    server = [sys.executable, "-m", "uvicorn", "main:app", "--port", "0"]
    ended = subprocess.run(
        server, cwd=backend, env=environ | away, capture_output=True, text=True, timeout=60, check=False
    )
    said = ended.stdout + ended.stderr
    assert ended.returncode == 3, said
    (line,) = [line for line in said.splitlines() if "cannot start" in line]
    assert "cannot start: the database did not answer for 0 s: connection failed" in line
    assert "Traceback" not in said
    assert "sekret" not in said


def test_a_failure_of_the_start_that_nobody_thought_of_is_told_as_it_is(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It has to be found, so its traceback goes to the server, which logs it."""
    told: list[Any] = []

    async def fail(*_: object, **__: object) -> None:
        raise RuntimeError("nobody thought of this")

    async def receive() -> dict[str, str]:
        return {"type": "lifespan.startup"}

    async def send(message: Any) -> None:
        told.append(message)

    monkeypatch.setattr("app.factory.migrate_when_up", fail)
    app = create_app(settings)
    with pytest.raises(RuntimeError):
        asyncio.run(app({"type": "lifespan", "state": {}, "app": app}, receive, send))
    (message,) = told
    assert message["type"] == "lifespan.startup.failed"
    assert "RuntimeError: nobody thought of this" in message["message"]


def test_a_sqlite_file_is_its_owners_alone(sqlite_settings: Settings) -> None:
    before = os.umask(0)
    try:
        with TestClient(create_app(sqlite_settings)):
            folder = Path(str(sqlite_settings.data_dir))
            modes = {path.suffix: path.stat().st_mode & 0o777 for path in folder.iterdir()}
            assert folder.stat().st_mode & 0o777 == 0o700
    finally:
        os.umask(before)
    assert modes
    assert set(modes.values()) == {0o600}


def test_a_folder_that_cannot_be_is_a_reason_not_to_start(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(CannotStart, match=r"^cannot start: the database file cannot be made: Not a directory: /"):
        open_engine(URL.create("sqlite", database=str(tmp_path / "file" / "folder" / "tasks.sqlite3")))


def test_postgres_gives_up_by_itself_what_takes_too_long(postgres_engine: Engine) -> None:
    with postgres_engine.connect() as connection:
        shown = {name: connection.scalar(text(f"SHOW {name}")) for name in opening._PATIENCE}
        name = connection.scalar(text("SHOW application_name"))
    assert shown == {
        "statement_timeout": "15s",
        "lock_timeout": "10s",
        "idle_in_transaction_session_timeout": "30s",
    }
    assert name == "task-service"


def test_what_the_address_says_of_the_connection_comes_first(postgres_engine: Engine) -> None:
    engine = open_engine(postgres_engine.url.update_query_dict({"application_name": "mine", "sslmode": "disable"}))
    with engine.connect() as connection:
        assert connection.scalar(text("SHOW application_name")) == "mine"
    engine.dispose()


@pytest.fixture
def impatient(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    """The app, which waits for nobody who holds the database."""
    monkeypatch.setattr(opening, "BUSY_TIMEOUT_MS", 1)
    monkeypatch.setattr(opening, "_PATIENCE", {"lock_timeout": "1ms"})
    with TestClient(create_app(settings), raise_server_exceptions=False) as client:
        yield client


def test_while_somebody_holds_the_database_it_asks_to_come_back_and_then_goes_on(
    impatient: TestClient, engine: Engine, password: str
) -> None:
    body = {"username": "ann", "password": password}
    with engine.execution_options(writes=True).begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("LOCK TABLE users IN ACCESS EXCLUSIVE MODE"))
        refused = impatient.post("/api/v1/auth/register", json=body)
    assert (refused.status_code, refused.headers["Content-Type"]) == (503, "application/problem+json")
    assert int(refused.headers["Retry-After"]) >= 1
    assert impatient.post("/api/v1/auth/register", json=body).status_code == 201


def test_a_connection_that_was_cut_off_is_replaced_without_a_restart(
    postgres_engine: Engine, client: TestClient, log_in: LogIn
) -> None:
    ann = log_in("ann")
    with postgres_engine.connect() as connection:
        others = text(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        assert connection.scalar(others)
    assert client.get(TASKS, headers=ann).status_code == 200


def test_a_server_that_cuts_off_in_mid_transaction_is_an_outage(postgres_engine: Engine) -> None:
    def cut_off(connection: Connection) -> None:
        connection.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))

    def is_there(connection: Connection) -> object:
        return connection.scalar(text("SELECT 1"))

    async def story() -> object:
        database = Database(postgres_engine)
        with pytest.raises(OperationalError):
            await database.write(cut_off)
        return await database.read(is_there)

    assert asyncio.run(story()) == 1


def test_a_full_disk_is_an_outage_and_what_is_there_can_be_read(
    sqlite_settings: Settings, password: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = False
    prepare = opening._prepare_sqlite

    def prepare_with_a_limit(connection: Any, record: object) -> None:
        prepare(connection, record)
        if full:
            connection.execute("PRAGMA max_page_count = 1")  # which means: no more than there are

    monkeypatch.setattr(opening, "_prepare_sqlite", prepare_with_a_limit)
    with TestClient(create_app(sqlite_settings), raise_server_exceptions=False) as client:
        full = True
        body = {"username": "ann", "password": password}
        client.post("/api/v1/auth/register", json=body)
        login = client.post("/api/v1/auth/login", data=body).raise_for_status().json()
        ann = {"Authorization": f"Bearer {login['access_token']}"}
        task = {"title": "Write", "notes": "x" * 10_000}
        made = [client.post(TASKS, json=task, headers=ann) for _ in range(5)]
        assert (made[-1].status_code, "Retry-After" in made[-1].headers) == (503, True)
        assert client.get(TASKS, headers=ann).status_code == 200


CLOSED = psycopg.InterfaceError("the connection is closed")
READ_ONLY = postgres_errors.ReadOnlySqlTransaction("cannot execute INSERT in a read-only transaction")
DAMAGED = sqlite3.DatabaseError("database disk image is malformed")
WRONG = psycopg.ProgrammingError("syntax error")


@pytest.mark.parametrize(
    ("error", "outage"),
    [
        (OperationalError("x", {}, psycopg.OperationalError("gone")), True),
        (InterfaceError("x", {}, CLOSED), True),
        (InternalError("x", {}, READ_ONLY), True),
        (DatabaseError("x", {}, DAMAGED), True),
        (ProgrammingError("x", {}, WRONG, connection_invalidated=True), True),
        (ProgrammingError("x", {}, WRONG), False),
        (IntegrityError("x", {}, psycopg.IntegrityError("twice")), False),
        (DataError("x", {}, psycopg.DataError("out of range")), False),
    ],
)
def test_a_driver_may_call_an_outage_what_it_likes(error: DBAPIError, outage: bool) -> None:
    found = as_outage(error)
    assert (found is not None) == outage
    assert found is None or found.orig is error.orig


def test_an_outage_reaches_whoever_asked_under_one_name(tmp_path: Path) -> None:
    file = tmp_path / "tasks.sqlite3"
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("CREATE TABLE things (id INTEGER)")
    engine = open_engine(URL.create("sqlite", database=str(file)))

    def look(connection: Connection) -> object:
        return connection.execute(text("SELECT * FROM things")).all()

    async def story() -> None:
        database = Database(engine)
        assert await database.read(look) == []
        engine.dispose()
        file.write_bytes(b"damaged" * 1000)
        with pytest.raises(OperationalError) as failed:
            await database.read(look)
        assert isinstance(failed.value.orig, sqlite3.DatabaseError)
        database.close()

    asyncio.run(story())
