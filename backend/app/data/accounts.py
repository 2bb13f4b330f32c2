"""What concerns a user and the user's sessions in one transaction."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection

from app.data import sessions, users
from app.data.users import Credentials


def log_in(connection: Connection, proved: Credentials, password_hash: str, *, now: datetime, until: datetime) -> UUID:
    """A new session for whoever proved to know the password, which is kept as `password_hash` from now on.

    Raises Stale when the password was changed, or the user removed, while it was checked: it proves nothing any more.
    """
    users.replace_password(connection, proved, password_hash)
    return sessions.start(connection, proved.user_id, now=now, until=until)


def change_password(
    connection: Connection, _user_id: UUID, proved: Credentials, password_hash: str, *, session_id: UUID
) -> None:
    """Every other session ends with the old password. Raises Stale when it was changed while it was checked."""
    users.replace_password(connection, proved, password_hash)
    sessions.end_others(connection, proved.user_id, session_id)
