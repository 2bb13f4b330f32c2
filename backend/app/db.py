"""The database: where it is, how it is opened, and whether it outlives the container."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any, Literal

from sqlalchemy import URL, Engine, create_engine, event

from app.config import Settings

Storage = Literal["ephemeral", "durable"]

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
    return engine


def _file(url: URL) -> Path:
    return Path(url.database or "").absolute()


def _prepare_sqlite(connection: Any, _record: object) -> None:
    cursor = connection.cursor()
    for pragma in ("journal_mode = WAL", f"busy_timeout = {BUSY_TIMEOUT_MS}", "foreign_keys = ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
