"""What a driver's error means: that the database cannot be used for now, or that the statement was wrong."""

from __future__ import annotations

import sqlite3

from sqlalchemy.exc import DatabaseError, DBAPIError, InterfaceError, InternalError, OperationalError

_WAITS = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}


def may_pass(error: DBAPIError) -> bool:
    """Whether the same may succeed later: nobody answers, or somebody else is in the way."""
    if isinstance(error.orig, sqlite3.Error):
        return error.orig.sqlite_errorcode & 0xFF in _WAITS  # the rest of the number says more exactly why
    return isinstance(error, OperationalError | InterfaceError)


def reason(error: DBAPIError) -> str:
    """The first line of what the driver says; drivers name the host and the user, but no password."""
    return str(error.orig).partition("\n")[0].strip() or type(error.orig).__name__


def as_outage(error: DBAPIError) -> OperationalError | None:
    """The error as OperationalError when the database is at fault, whichever class the driver chose; else None.

    psycopg calls it InterfaceError when a connection is closed, and InternalError when the server may only be read
    after a failover; sqlite3 calls it DatabaseError when the file is damaged.
    """
    if isinstance(error, OperationalError):
        return error
    outage = isinstance(error, InterfaceError | InternalError) or type(error) is DatabaseError
    if not outage and not error.connection_invalidated:
        return None
    return OperationalError(
        error.statement,
        error.params,
        error.orig or error,
        hide_parameters=True,
        connection_invalidated=error.connection_invalidated,
    )
