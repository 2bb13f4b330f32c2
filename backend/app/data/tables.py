"""The tables, as the newest migration leaves them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    Date,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    SmallInteger,
    String,
    Table,
    Text,
    TypeDecorator,
    Uuid,
)
from sqlalchemy.dialects.postgresql import JSONB


def utc_now() -> datetime:
    return datetime.now(UTC)


class UtcDateTime(TypeDecorator[datetime]):
    """A moment in UTC. SQLite keeps no zone, so it is taken off on the way in and put back on the way out."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        return value.astimezone(UTC) if value else None

    def result_processor(self, dialect: Dialect, _coltype: object) -> Callable[[Any], datetime | None]:
        # In place of the base class's, which calls two functions for each of the three moments of every task.
        return _from_text if dialect.name == "sqlite" else _in_utc


def _from_text(stored: str | None) -> datetime | None:
    return datetime.fromisoformat(stored + "Z") if stored else None


def _in_utc(stored: datetime | None) -> datetime | None:
    return stored.astimezone(UTC) if stored else None


metadata = MetaData()


def _owner(name: str, **options: Any) -> Column[Any]:
    return Column(name, Uuid, ForeignKey("users.id", ondelete="CASCADE"), nullable=False, **options)


users = Table(
    "users",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("username", String(254), nullable=False, unique=True),
    Column("password_hash", String(255), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    # How often this user's tasks changed. Each change of a task takes the next number as the task's version.
    Column("changes", BigInteger, nullable=False),
    # The newest removal that is no longer on record: who has seen less than this must load everything again.
    Column("forgotten", BigInteger, nullable=False),
    # How many tasks the user keeps, so that nothing counts them.
    Column("task_count", Integer, nullable=False),
)

sessions = Table(
    "sessions",
    metadata,
    Column("id", Uuid, primary_key=True),
    _owner("user_id", index=True),
    # The number of the one refresh token that is valid; an older one that comes back was stolen or leaked.
    Column("generation", Integer, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False, index=True),
)

tasks = Table(
    "tasks",
    metadata,
    Column("id", Uuid, primary_key=True),
    _owner("owner_id"),
    Column("title", String(200), nullable=False),
    Column("notes", Text, nullable=False),
    Column("status", String(16), nullable=False),
    Column("priority", SmallInteger, nullable=False),
    Column("due", Date),
    Column("tags", JSON().with_variant(JSONB(), "postgresql"), nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    Column("completed_at", UtcDateTime),
    # What the title is sorted by, and the words that the task is found by with a space between; see `words`.
    Column("title_key", Text().with_variant(Text(collation="C"), "postgresql"), nullable=False),
    Column("words", Text, nullable=False),
    Index("ix_tasks_owner_id_created_at_id", "owner_id", "created_at", "id"),
    Index("ix_tasks_owner_id_version", "owner_id", "version"),
    Index("ix_tasks_owner_id_title_key_id", "owner_id", "title_key", "id"),
    Index("ix_tasks_owner_id_due_id", "owner_id", "due", "id"),
    Index("ix_tasks_owner_id_priority_id", "owner_id", "priority", "id"),
)

# Tasks that are gone, so that a page that was away learns of it.
removals = Table(
    "removals",
    metadata,
    _owner("owner_id", primary_key=True),
    Column("version", BigInteger, primary_key=True, autoincrement=False),
    Column("task_id", Uuid, nullable=False),
)
