"""Sessions: one a login, until it is logged out or over."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import Connection, bindparam, delete, exists, insert, select, update

from app.data.announcing import announce
from app.data.errors import SessionEnded
from app.data.ids import time_ordered_id
from app.data.tables import sessions

MOST = 50
SWEEP = 100

HELD = exists().where(sessions.c.id == bindparam("session"), sessions.c.user_id == bindparam("user"))
"""Whether the session `session` is there and is the user `user`'s, as a condition of any statement."""

_IS_HELD = select(HELD)  # made once, as every request asks this

Renewal = Literal["renewed", "reused", "over"]


def start(connection: Connection, user_id: UUID, *, now: datetime, until: datetime) -> UUID:
    """A new session, of which generation 0 of the refresh token is valid.

    Of a user's others the MOST that were used last are kept. It is for a transaction that holds the user's row.
    """
    _clear_away(connection, now)
    used = select(sessions.c.id).where(sessions.c.user_id == user_id).order_by(sessions.c.expires_at.desc())
    connection.execute(delete(sessions).where(sessions.c.id.in_(used.offset(MOST - 1))))
    session_id = time_ordered_id()
    row = {"id": session_id, "user_id": user_id, "generation": 0, "created_at": now, "expires_at": until}
    connection.execute(insert(sessions).values(row))
    return session_id


def _clear_away(connection: Connection, now: datetime) -> None:
    """Some sessions of anybody that are over; those that another transaction holds are left to it."""
    over = select(sessions.c.id).where(sessions.c.expires_at <= now).limit(SWEEP)
    connection.execute(delete(sessions).where(sessions.c.id.in_(over.with_for_update(skip_locked=True))))


def require(connection: Connection, session_id: UUID, user_id: UUID) -> None:
    """Raises SessionEnded unless the session is there and is this user's."""
    if not connection.scalar(_IS_HELD, {"session": session_id, "user": user_id}):
        raise SessionEnded


def renew(connection: Connection, session_id: UUID, generation: int, *, until: datetime) -> Renewal:
    """Replaces the refresh token of `generation` by the next.

    One that was replaced before is in the hands of two, and nobody can tell which of them came first: the session
    ends (RFC 9700, section 4.14.2). Of two that come at once, one is the second.
    """
    query = (
        update(sessions)
        .where(sessions.c.id == session_id, sessions.c.generation == generation)
        .values(generation=generation + 1, expires_at=until)
    )
    if connection.execute(query).rowcount == 1:
        return "renewed"
    return "reused" if end(connection, session_id) else "over"


def end(connection: Connection, session_id: UUID) -> bool:
    """Whether there was one to end."""
    query = delete(sessions).where(sessions.c.id == session_id).returning(sessions.c.user_id)
    user_id: UUID | None = connection.scalar(query)
    if user_id is None:
        return False
    announce(connection, user_id)  # its streams end with it
    return True


def end_others(connection: Connection, user_id: UUID, session_id: UUID) -> None:
    connection.execute(delete(sessions).where(sessions.c.user_id == user_id, sessions.c.id != session_id))
    announce(connection, user_id)
