"""Ids that sort by when they were made."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from uuid import UUID


def time_ordered_id(*, clock: Callable[[], int] = time.time_ns) -> UUID:
    """A UUID of version 7 (RFC 9562, 6.2, method 3): ids sort by when they were made, so one index pages a list.

    `clock` gives nanoseconds since 1970, of which a quarter of a microsecond counts.
    """
    milliseconds, nanoseconds = divmod(clock(), 1_000_000)
    fraction = nanoseconds * 4096 // 1_000_000
    version, variant = 7, 0b10
    return UUID(int=milliseconds << 80 | version << 76 | fraction << 64 | variant << 62 | secrets.randbits(62))
