"""Rate limits as the Hub has them: so many requests of a kind by one caller in a fixed window."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["api", "resolvers", "pages"]
DEFAULT_LIMIT = 100_000
DEFAULT_WINDOW = 300.0


@dataclass(frozen=True, kw_only=True)
class Standing:
    """Where a caller stands after a request: `left` requests for `seconds` more; `allowed` says whether it passed."""

    kind: Kind
    limit: int
    window: int
    left: int
    seconds: int
    allowed: bool

    def headers(self) -> dict[str, str]:
        """As the IETF draft on RateLimit header fields has them, in the Hub's spelling."""
        return {
            "RateLimit": f'"{self.kind}";r={self.left};t={self.seconds}',
            "RateLimit-Policy": f'"fixed window";"{self.kind}";q={self.limit};w={self.window}',
        }


@dataclass
class _Window:
    ends: float
    used: int = 0


@dataclass
class Quotas:
    """`monotonic` is in seconds. Limits are far above what one person's work needs until `set` lowers them."""

    monotonic: Callable[[], float] = time.monotonic
    _limits: dict[Kind, tuple[int, float]] = field(default_factory=dict)
    _windows: dict[tuple[Kind, str], _Window] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def set(self, kind: Kind, limit: int, window: float) -> None:
        """Allow `limit` requests of that kind in `window` seconds; windows begin anew."""
        with self._lock:
            self._limits[kind] = (limit, window)
            self._windows.clear()

    def reset(self) -> None:
        with self._lock:
            self._limits.clear()
            self._windows.clear()

    def use(self, kind: Kind, caller: str) -> Standing:
        """Take one request from the caller's quota."""
        with self._lock:
            limit, length = self._limits.get(kind, (DEFAULT_LIMIT, DEFAULT_WINDOW))
            now = self.monotonic()
            window = self._windows.get((kind, caller))
            if window is None or window.ends <= now:
                window = self._windows[kind, caller] = _Window(ends=now + length)
            window.used += 1
            return Standing(
                kind=kind,
                limit=limit,
                window=math.ceil(length),
                left=max(0, limit - window.used),
                seconds=math.ceil(window.ends - now),
                allowed=window.used <= limit,
            )
