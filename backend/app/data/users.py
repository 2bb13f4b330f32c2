"""Users, and the numbers their changes take."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, bindparam, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from app.data.announcing import announce
from app.data.errors import DataError, Full, Missing, Stale, Taken
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
    """What a password is checked against."""

    user_id: UUID
    username: str
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


_READ = select(users.c.id, users.c.username, users.c.created_at).where(users.c.id == bindparam("user"))


def read(connection: Connection, user_id: UUID) -> User:
    """Raises Missing."""
    row = connection.execute(_READ, {"user": user_id}).one_or_none()
    if row is None:
        raise Missing
    return User(id=row.id, username=row.username, created_at=row.created_at)


def credentials_of(connection: Connection, username: str) -> Credentials | None:
    return _credentials(connection, users.c.username == username)


def own_credentials(connection: Connection, user_id: UUID) -> Credentials:
    """Raises Missing."""
    found = _credentials(connection, users.c.id == user_id)
    if found is None:
        raise Missing
    return found


def _credentials(connection: Connection, which: ColumnElement[bool]) -> Credentials | None:
    row = connection.execute(select(users.c.id, users.c.username, users.c.password_hash).where(which)).one_or_none()
    return row and Credentials(user_id=row.id, username=row.username, password_hash=row.password_hash)


def replace_password(connection: Connection, proved: Credentials, password_hash: str) -> None:
    """Raises Stale when it is no longer the one that was proved.

    It locks the user's row to the end of the transaction: logins and changes of the password take turns.
    """
    query = update(users).where(users.c.id == proved.user_id, users.c.password_hash == proved.password_hash)
    if connection.execute(query.values(password_hash=password_hash)).rowcount == 0:
        raise Stale


def remove(connection: Connection, user_id: UUID) -> None:
    """Sessions, tasks and all else of the user go with it."""
    connection.execute(delete(users).where(users.c.id == user_id))
    announce(connection, user_id)


def lock(connection: Connection, user_id: UUID) -> None:
    """Holds off every other change of the user's tasks to the end of the transaction, which is one that writes."""
    connection.execute(select(users.c.id).where(users.c.id == user_id).with_for_update(key_share=True))


# Made once, as every change begins with it.
_TAKE_VERSIONS = (
    update(users)
    .where(users.c.id == bindparam("user"), users.c.task_count <= bindparam("room"))
    .values(changes=users.c.changes + bindparam("count"), task_count=users.c.task_count + bindparam("growth"))
    .returning(users.c.changes)
)


def next_versions(connection: Connection, user_id: UUID, count: int = 1, *, growth: int = 0) -> Sequence[int]:
    """The next `count` numbers of the user's changes, which leave the user with `growth` more tasks.

    It locks the user's row to the end of the transaction: a user's changes are committed in the order of their
    numbers, so that whoever has seen number n has seen all before it. On PostgreSQL other replicas are told.
    Raises Missing, and Full when that were more than MAX_TASKS.
    """
    values = {"user": user_id, "count": count, "growth": growth, "room": MAX_TASKS - max(growth, 0)}
    last: int | None = connection.scalar(_TAKE_VERSIONS, values)
    if last is None:
        raise _reason_for_no_version(connection, user_id)
    announce(connection, user_id)
    return range(last - count + 1, last + 1)


def _reason_for_no_version(connection: Connection, user_id: UUID) -> DataError:
    there = connection.scalar(select(users.c.id).where(users.c.id == user_id))
    return Full() if there else Missing()
