"""The database: where it is, how it is opened, and how work reaches it from the event loop."""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from pathlib import Path
from typing import Any, Concatenate, Literal, ParamSpec, TypeVar

from pydantic_core import from_json
from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError

from app.config import Settings
from app.data.errors import CannotStart
from app.data.failures import as_outage

Storage = Literal["ephemeral", "durable"]
P = ParamSpec("P")
T = TypeVar("T")
Work = Callable[Concatenate[Connection, P], T]

BUSY_TIMEOUT_MS = 5_000
CONNECTIONS = 10

ALIVE: Mapping[str, str | int] = {
    "application_name": "task-service",
    "connect_timeout": 10,
    "keepalives_idle": 15,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
}
"""How libpq notices within 30 s that a PostgreSQL server is gone. What the address itself says comes first."""

_PATIENCE = {"statement_timeout": "15s", "lock_timeout": "10s", "idle_in_transaction_session_timeout": "30s"}
"""How long PostgreSQL bears with a statement, and with a transaction whose owner was frozen or cut off."""


def database_url(settings: Settings) -> URL:
    """DATABASE_URL, else a SQLite file in DATA_DIR, else one in a private folder for temporary files.

    The last is the only place that is writable under a read-only root.
    """
    if settings.database_url is not None:
        return settings.database_url
    folder = settings.data_dir or Path(tempfile.gettempdir()) / f"task-service-{os.getuid()}"
    return URL.create("sqlite", database=str(folder / "tasks.sqlite3"))


def storage(url: URL) -> Storage:
    """Ephemeral when the data is among temporary files, which end with the container.

    Of any other place it is said that it lasts: whoever names a folder or a server vouches for it.
    """
    if url.get_backend_name() != "sqlite":
        return "durable"
    return "ephemeral" if _file(url).is_relative_to(tempfile.gettempdir()) else "durable"


def open_engine(url: URL) -> Engine:
    """An engine for `url` with up to CONNECTIONS connections.

    A SQLite file is made, with its folder, when it is missing; nobody else may read it. Raises CannotStart.
    """
    options: dict[str, Any] = {
        "pool_size": CONNECTIONS + 1,  # that one is for `look_up`
        "max_overflow": 0,
        "hide_parameters": True,
        "json_deserializer": from_json,
    }
    if url.get_backend_name() != "sqlite":
        alive = {name: value for name, value in ALIVE.items() if name not in url.query}
        engine = create_engine(url, pool_pre_ping=True, connect_args=alive, **options)
        event.listen(engine, "connect", _prepare_postgres)
        return engine
    _make_file(_file(url))
    engine = create_engine(url, **options)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


class Database:
    """Runs functions that take a connection, each in a transaction of its own and in one hop to a thread.

    Each thread finds a connection, so nobody waits for one inside the pool. SQLite has one writer at a time: writers
    queue here, in order and without a thread, and not in the file's own lock, which is neither.
    """

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.dialect = engine.dialect.name
        self._writer = engine.execution_options(writes=True)
        self._threads = ThreadPoolExecutor(CONNECTIONS, thread_name_prefix="database")
        self._near: Connection | None = None
        self._writers = asyncio.Semaphore(1 if self.dialect == "sqlite" else CONNECTIONS)

    async def read(self, work: Work[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """What `work(connection, *args, **kwargs)` returns; it changes nothing."""
        return await self._in_thread(self.engine, lambda connection: work(connection, *args, **kwargs))

    async def look_up(self, work: Work[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """The same for work that indexes answer at once; each of its statements stands for itself.

        SQLite is asked on the spot. That takes a tenth of a millisecond, and a thread would take twice as long: its
        driver gives up the interpreter's lock for every row, and has to get it back from the event loop.
        """
        if self.dialect == "sqlite":
            try:
                self._near = self._near or _impatient(self.engine)
                return work(self._near, *args, **kwargs)
            except DBAPIError as error:  # a thread can wait when it is locked, and has words for what is wrong
                if error.connection_invalidated:
                    self._near = None
        return await self.read(work, *args, **kwargs)

    async def write(self, work: Work[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """The same for work that changes something: committed when it returns, undone when it raises."""
        async with self._writers:
            return await self._in_thread(self._writer, lambda connection: work(connection, *args, **kwargs))

    def close(self) -> None:
        """Waits for the work under way and closes the connections."""
        self._threads.shutdown()
        if self._near is not None:
            self._near.close()
        self.engine.dispose()

    async def _in_thread(self, engine: Engine, work: Callable[[Connection], T]) -> T:
        context = copy_context()
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, context.run, _in_transaction, engine, work)


def _impatient(engine: Engine) -> Connection:
    """What SQLAlchemy does to begin and end a transaction would take it a fifth as long again."""
    connection = engine.connect().execution_options(isolation_level="AUTOCOMMIT")
    connection.exec_driver_sql("PRAGMA busy_timeout = 0")
    return connection


def _in_transaction(engine: Engine, work: Callable[[Connection], T]) -> T:
    try:
        with engine.begin() as connection:
            return work(connection)
    except DBAPIError as error:
        outage = as_outage(error)
        if outage is None or outage is error:
            raise
        raise outage from error


def _file(url: URL) -> Path:
    return Path(url.database or "").absolute()


def _make_file(path: Path) -> None:
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.touch(mode=0o600)  # SQLite gives the files beside it the same mode
    except OSError as error:
        raise CannotStart(f"the database file cannot be made: {error.strerror}: {error.filename}") from None


def _prepare_postgres(connection: Any, _record: object) -> None:
    """In a statement, as poolers (PgBouncer) take no settings with the connection itself."""
    settings = ", ".join(f"set_config('{name}', '{value}', false)" for name, value in _PATIENCE.items())
    connection.execute(f"SELECT {settings}")
    connection.commit()


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # `_begin_sqlite` begins, so that a writer has its lock from the first statement
    cursor = connection.cursor()
    for pragma in (f"busy_timeout = {BUSY_TIMEOUT_MS}", "journal_mode = WAL", "foreign_keys = ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    options = connection.get_execution_options()
    if options.get("migrates"):  # else a table that is made anew takes along the rows that refer to it
        connection.exec_driver_sql("PRAGMA foreign_keys = OFF")
    writes = options.get("writes") or options.get("migrates")
    if options.get("isolation_level") != "AUTOCOMMIT":
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
