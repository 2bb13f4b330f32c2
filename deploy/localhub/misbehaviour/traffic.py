"""How often each route was asked, so that tests can count requests where timing them would mislead."""

from __future__ import annotations

import threading
from collections import Counter


class Traffic:
    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._lock = threading.Lock()

    def count(self, route: str) -> None:
        """`route` is method and template, such as `POST /api/spaces/{id}/commit/{rev}`."""
        with self._lock:
            self._counts[route] += 1

    def counts(self) -> dict[str, int]:
        with self._lock:
            return dict(sorted(self._counts.items()))

    def reset(self) -> None:
        with self._lock:
            self._counts.clear()
