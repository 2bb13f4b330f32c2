"""Brings the database to the schema of this code when the app starts; replicas that start together take turns."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from app.data.errors import CannotStart
from app.data.failures import may_pass, reason

MIGRATIONS = Path(__file__).resolve().parents[2] / "migrations"
LOCK = 0x7461736B73  # any number that is ours: PostgreSQL's advisory locks are named by one
PAUSE_S = 1.0

logger = logging.getLogger(__name__)


async def migrate_when_up(
    engine: Engine,
    *,
    patience: float,
    folder: Path = MIGRATIONS,
    sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> None:
    """Migrates as soon as the database answers, which it has `patience` seconds for. Raises CannotStart."""
    deadline = clock() + patience
    waiting = False
    while True:
        try:
            await asyncio.to_thread(migrate, engine, folder=folder)
            return
        except DBAPIError as error:
            if not may_pass(error):
                raise CannotStart(f"the database refuses the migrations: {reason(error)}") from None
            if clock() >= deadline:
                raise CannotStart(f"the database did not answer for {patience:g} s: {reason(error)}") from None
            if not waiting:
                logger.warning("the database does not answer; asking again for %g s: %s", patience, reason(error))
                waiting = True
        await sleep(PAUSE_S)


def migrate(engine: Engine, *, folder: Path = MIGRATIONS) -> None:
    """Applies what is missing, in one transaction, while every other starter waits.

    Raises CannotStart when the database was migrated by a newer release, and DBAPIError; nothing is changed then.
    """
    config = Config()
    config.set_main_option("script_location", str(folder).replace("%", "%%"))
    with engine.execution_options(migrates=True).begin() as connection:
        connection.detach()  # what is set for it here is not for whoever would get it next
        _hold_lock(connection)
        before = _known_revision(connection, ScriptDirectory.from_config(config))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        after = MigrationContext.configure(connection).get_current_revision()
        _require_whole_references(connection)
    if before != after:
        logger.info("the database went from migration %s to %s", before or "none", after)


def _hold_lock(connection: Connection) -> None:
    """To the end of the transaction. On SQLite it is held already: the transaction began by taking it."""
    if connection.dialect.name == "postgresql":
        for patience in ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout"):
            connection.execute(text(f"SET LOCAL {patience} = 0"))
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK})


def _known_revision(connection: Connection, scripts: ScriptDirectory) -> str | None:
    current = MigrationContext.configure(connection).get_current_revision()
    if current is not None and current not in {script.revision for script in scripts.walk_revisions()}:
        raise CannotStart(
            f"the database is at migration {current}, which this release does not know. "
            "It was migrated by a newer one: deploy that one, or restore the database from before it."
        )
    return current


def _require_whole_references(connection: Connection) -> None:
    """SQLite does not look after foreign keys while it migrates, so they are looked at before the end."""
    if connection.dialect.name == "sqlite":
        broken = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
        if broken is not None:
            raise CannotStart(f"a migration would leave rows of {broken[0]} that refer to nothing")
