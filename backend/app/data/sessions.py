"""Sessions: one a login, until it is logged out or over."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, delete, insert, select, update

from app.data.announcing import announce
from app.data.errors import SessionEnded
from app.data.ids import time_ordered_id
from app.data.tables import sessions


def start(connection: Connection, user_id: UUID, *, now: datetime, until: datetime) -> UUID:
    """A new session, of which generation 0 of the refresh token is valid. Sessions that are over are cleared away."""
    connection.execute(delete(sessions).where(sessions.c.expires_at <= now))
    session_id = time_ordered_id()
    row = {"id": session_id, "user_id": user_id, "generation": 0, "created_at": now, "expires_at": until}
    connection.execute(insert(sessions).values(row))
    return session_id


def require(connection: Connection, session_id: UUID, user_id: UUID) -> None:
    """Raises SessionEnded unless the session is there and is this user's."""
    query = select(sessions.c.id).where(sessions.c.id == session_id, sessions.c.user_id == user_id)
    if connection.execute(query).one_or_none() is None:
        raise SessionEnded


def renew(connection: Connection, session_id: UUID, generation: int, *, until: datetime) -> bool:
    """Replaces the refresh token of `generation` by the next; False when that one is not, or no longer, valid."""
    query = (
        update(sessions)
        .where(sessions.c.id == session_id, sessions.c.generation == generation)
        .values(generation=generation + 1, expires_at=until)
    )
    return connection.execute(query).rowcount == 1


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
