"""Calls that may be repeated are: with growing pauses, and for as long as the Hub itself asks."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import httpx2

from deploy.space.session import TRANSIENT

T = TypeVar("T")

_RATE_LIMIT = re.compile(r";\s*t=(\d+)")
"""Seconds until the window ends: `RateLimit: "api";r=0;t=17` (the Hub's rate limit documentation)."""


@dataclass(frozen=True, kw_only=True)
class RetryPolicy:
    """`attempts` in all; `pause` seconds before the second, doubled each time; at most `longest` asked-for seconds."""

    attempts: int = 5
    pause: float = 1.0
    longest: float = 120.0


def repeat(
    call: Callable[[], T],
    retries: RetryPolicy,
    *,
    sleep: Callable[[float], None] = time.sleep,
    unless_begun: bool = False,
) -> T:
    """The result of `call`; its last failure when none of the attempts went well.

    `unless_begun`: for what must not happen twice. Only a 429 is followed by another attempt, as it says that
    nothing was done; after any other failure something may have been.
    """
    for attempt in range(retries.attempts - 1):
        try:
            return call()
        except httpx2.HTTPError as error:
            pause = _pause(error, retries.pause * 2**attempt)
            if pause is None or pause > retries.longest or (unless_begun and not _was_turned_away(error)):
                raise
        sleep(pause)
    return call()


def _was_turned_away(error: httpx2.HTTPError) -> bool:
    response: httpx2.Response | None = getattr(error, "response", None)
    return response is not None and response.status_code == 429


def _pause(error: httpx2.HTTPError, default: float) -> float | None:
    """Seconds to wait before asking again; None when asking again cannot help."""
    response: httpx2.Response | None = getattr(error, "response", None)
    if response is None:
        return default
    if response.status_code not in TRANSIENT:
        return None
    window = _RATE_LIMIT.search(response.headers.get("ratelimit", ""))
    if response.status_code == 429 and window:
        return int(window.group(1)) + 1.0
    asked = response.headers.get("retry-after", "")
    return float(asked) if asked.isdecimal() else default
