"""Why the database cannot be used, or something in it could not be read or changed."""

from __future__ import annotations


class CannotStart(Exception):
    """The database cannot be used, for the reason given in one line that holds no password."""

    def __init__(self, why: str) -> None:
        super().__init__(f"cannot start: {why}")


class DataError(Exception):
    """The request cannot be carried out on the data as it is; nothing was changed."""


class Missing(DataError):
    """It is not there, or is somebody else's: nobody is told which."""


class Stale(DataError):
    """It changed since it was read."""


class Taken(DataError):
    """The name belongs to somebody."""


class Full(DataError):
    """A user keeps as many as one may."""


class SessionEnded(DataError):
    """The session was logged out, is over, or its user is gone."""
