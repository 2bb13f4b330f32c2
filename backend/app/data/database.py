"""The database: where it is, how it is opened, and how work reaches it from the event loop."""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from pathlib import Path
from typing import Any, Concatenate, Literal, ParamSpec, TypeVar

from sqlalchemy import URL, Connection, Engine, create_engine, event

from app.config import Settings

Storage = Literal["ephemeral", "durable"]
P = ParamSpec("P")
T = TypeVar("T")
Work = Callable[Concatenate[Connection, P], T]

BUSY_TIMEOUT_MS = 5_000
CONNECT_TIMEOUT_S = 10
CONNECTIONS = 10


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
    """An engine for `url` with up to CONNECTIONS connections; a SQLite file's folder is made when it is missing."""
    options: dict[str, Any] = {"pool_size": CONNECTIONS, "max_overflow": 0, "hide_parameters": True}
    if url.get_backend_name() != "sqlite":
        return create_engine(url, pool_pre_ping=True, connect_args={"connect_timeout": CONNECT_TIMEOUT_S}, **options)
    _file(url).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    engine = create_engine(url, **options)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


class Database:
    """Runs functions that take a connection, each in a transaction of its own and in one hop to a thread.

    There are as many threads as connections, so nobody waits for one inside the pool. SQLite has one writer at a
    time: writers queue here, in order and without a thread, and not in the file's own lock, which is neither.
    """

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.dialect = engine.dialect.name
        self._writer = engine.execution_options(writes=True)
        self._threads = ThreadPoolExecutor(CONNECTIONS, thread_name_prefix="database")
        self._writers = asyncio.Semaphore(1 if self.dialect == "sqlite" else CONNECTIONS)

    async def read(self, work: Work[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """What `work(connection, *args, **kwargs)` returns; it changes nothing."""
        return await self._in_thread(self.engine, lambda connection: work(connection, *args, **kwargs))

    async def write(self, work: Work[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """The same for work that changes something: committed when it returns, undone when it raises."""
        async with self._writers:
            return await self._in_thread(self._writer, lambda connection: work(connection, *args, **kwargs))

    def close(self) -> None:
        """Waits for the work under way and closes the connections."""
        self._threads.shutdown()
        self.engine.dispose()

    async def _in_thread(self, engine: Engine, work: Callable[[Connection], T]) -> T:
        context = copy_context()
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, context.run, _in_transaction, engine, work)


def _in_transaction(engine: Engine, work: Callable[[Connection], T]) -> T:
    with engine.begin() as connection:
        return work(connection)


def _file(url: URL) -> Path:
    return Path(url.database or "").absolute()


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # `_begin_sqlite` begins, so that a writer has its lock from the first statement
    cursor = connection.cursor()
    for pragma in ("journal_mode = WAL", f"busy_timeout = {BUSY_TIMEOUT_MS}", "foreign_keys = ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
