"""Brings the database to the schema of this code when the app starts; replicas that start together take turns."""

from __future__ import annotations

import logging
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text

MIGRATIONS = Path(__file__).resolve().parents[2] / "migrations"
LOCK = 0x7461736B73  # any number that is ours: PostgreSQL's advisory locks are named by one

logger = logging.getLogger(__name__)


class NewerDatabase(SystemExit):
    """The database was migrated by a newer release than this code, which must not write to it."""

    def __init__(self, revision: str) -> None:
        super().__init__(
            f"cannot start: the database is at migration {revision}, which this release does not know. "
            "It was migrated by a newer one: deploy that one, or restore the database from before it."
        )


def migrate(engine: Engine, *, folder: Path = MIGRATIONS) -> None:
    """Applies what is missing, in one transaction, while every other starter waits. Raises NewerDatabase."""
    config = Config()
    config.set_main_option("script_location", str(folder).replace("%", "%%"))
    with engine.execution_options(writes=True).begin() as connection:  # on SQLite this is the lock
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK})
        before = _known_revision(connection, ScriptDirectory.from_config(config))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        after = MigrationContext.configure(connection).get_current_revision()
    if before != after:
        logger.info("the database went from migration %s to %s", before or "none", after)


def _known_revision(connection: Connection, scripts: ScriptDirectory) -> str | None:
    current = MigrationContext.configure(connection).get_current_revision()
    if current is not None and current not in {script.revision for script in scripts.walk_revisions()}:
        raise NewerDatabase(current)
    return current
