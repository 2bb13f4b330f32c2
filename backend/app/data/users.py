"""Users, and the numbers their changes take."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from app.data.announcing import announce
from app.data.errors import DataError, Full, Missing, Taken
from app.data.ids import time_ordered_id
from app.data.tables import users, utc_now

MAX_TASKS = 10_000


@dataclass(frozen=True, kw_only=True)
class User:
    id: UUID
    username: str
    created_at: datetime


@dataclass(frozen=True, kw_only=True)
class Credentials:
    """What a login is checked against."""

    user_id: UUID
    password_hash: str


def add(connection: Connection, username: str, password_hash: str) -> User:
    """Raises Taken. `username` is in lower case."""
    user = User(id=time_ordered_id(), username=username, created_at=utc_now())
    row = {"id": user.id, "username": username, "created_at": user.created_at, "password_hash": password_hash}
    try:
        connection.execute(insert(users).values(row | {"changes": 0, "forgotten": 0, "task_count": 0}))
    except IntegrityError:
        raise Taken from None
    return user


def read(connection: Connection, user_id: UUID) -> User:
    row = connection.execute(select(users).where(users.c.id == user_id)).one_or_none()
    if row is None:
        raise Missing
    return User(id=row.id, username=row.username, created_at=row.created_at)


def credentials_of(connection: Connection, username: str) -> Credentials | None:
    query = select(users.c.id, users.c.password_hash).where(users.c.username == username)
    row = connection.execute(query).one_or_none()
    return row and Credentials(user_id=row.id, password_hash=row.password_hash)


def password_hash_of(connection: Connection, user_id: UUID) -> str:
    found: str | None = connection.scalar(select(users.c.password_hash).where(users.c.id == user_id))
    if found is None:
        raise Missing
    return found


def set_password(connection: Connection, user_id: UUID, password_hash: str) -> None:
    connection.execute(update(users).where(users.c.id == user_id).values(password_hash=password_hash))


def remove(connection: Connection, user_id: UUID) -> None:
    """Sessions, tasks and all else of the user go with it."""
    connection.execute(delete(users).where(users.c.id == user_id))
    announce(connection, user_id)


def lock(connection: Connection, user_id: UUID) -> None:
    """Holds off every other change of the user's tasks to the end of the transaction, which is one that writes."""
    connection.execute(select(users.c.id).where(users.c.id == user_id).with_for_update(key_share=True))


def next_versions(connection: Connection, user_id: UUID, count: int = 1, *, growth: int = 0) -> Sequence[int]:
    """The next `count` numbers of the user's changes, which leave the user with `growth` more tasks.

    It locks the user's row to the end of the transaction: a user's changes are committed in the order of their
    numbers, so that whoever has seen number n has seen all before it. On PostgreSQL other replicas are told.
    Raises Missing, and Full when that were more than MAX_TASKS.
    """
    numbers = {"changes": users.c.changes + count, "task_count": users.c.task_count + growth}
    query = update(users).where(users.c.id == user_id).values(numbers)
    if growth > 0:
        query = query.where(users.c.task_count <= MAX_TASKS - growth)
    last = connection.scalar(query.returning(users.c.changes))
    if last is None:
        raise _reason_for_no_version(connection, user_id)
    announce(connection, user_id)
    return range(last - count + 1, last + 1)


def _reason_for_no_version(connection: Connection, user_id: UUID) -> DataError:
    there = connection.scalar(select(users.c.id).where(users.c.id == user_id))
    return Full() if there else Missing()
