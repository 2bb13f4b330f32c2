"""Time as the Hub writes it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import format_datetime

Clock = Callable[[], datetime]


def now() -> datetime:
    return datetime.now(UTC)


def stamp(moment: datetime) -> str:
    """`2026-11-22T20:11:05.123Z`: the only form the client parses."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


def http_date(moment: datetime) -> str:
    """The `Date` header's form, whole seconds."""
    return format_datetime(moment.astimezone(UTC), usegmt=True)
