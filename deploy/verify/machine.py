"""The machine that asks: other work on it would be taken for slowness of the app."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import psutil

QUIET = 0.25
"""Cores that may be busy while nobody asks anything: more than a Docker engine takes with a few idle containers. A
single busy loop takes 1."""
CORES = psutil.cpu_count() or 1
_WINDOW = 0.5
"""Seconds of one look."""


def _busy_cores(seconds: float) -> float:
    share = psutil.cpu_percent(interval=seconds) / 100
    return float(share * CORES)


@dataclass(frozen=True, kw_only=True)
class Machine:
    """`busy` takes seconds and returns how many cores worked meanwhile; the time that a hypervisor gave to its other
    guests (steal) is among them."""

    busy: Callable[[float], float] = _busy_cores
    clock: Callable[[], float] = time.monotonic

    def wait_until_quiet(self, patience: float) -> float:
        """Returns the cores that are busy: at most QUIET, unless `patience` seconds did not help."""
        deadline = self.clock() + patience
        while True:
            busy = self.busy(_WINDOW)
            if busy <= QUIET or self.clock() >= deadline:
                return busy
