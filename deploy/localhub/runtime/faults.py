"""Misbehaviour of a Space's runtime on demand."""

from __future__ import annotations

import threading
from dataclasses import replace

from deploy.localhub.hardware import Size
from deploy.localhub.runtime.runner import Cancellation

NAMES = frozenset({"stuck_build", "slow_build", "crash_at_boot", "stale_running", "little_memory"})
_NUMBERS = {"slow_build": "seconds", "little_memory": "bytes"}
_PAUSE = 0.05


class Faults:
    """`stuck_build`: builds do not end. `slow_build`: they take that many seconds more. `crash_at_boot`: apps end
    at once, with code 1. `stale_running`: the Hub goes on reporting RUNNING for the commit that ran before.
    `little_memory`: apps that start have that many bytes, whatever their hardware."""

    def __init__(self) -> None:
        self._values: dict[str, object] = {}
        self._lock = threading.Lock()

    def put(self, name: str, value: object) -> None:
        """None or False clears. Raises ValueError for a name that is no fault, or a delay that is no number."""
        if name not in NAMES:
            raise ValueError(f"{name!r} is not a fault of a Space's runtime: use one of {', '.join(sorted(NAMES))}")
        if name in _NUMBERS and value is not None and (isinstance(value, bool) or not isinstance(value, int | float)):
            raise ValueError(f"{name} takes {_NUMBERS[name]}, not {value!r}")
        with self._lock:
            if value is None or value is False:
                self._values.pop(name, None)
            else:
                self._values[name] = value

    def __contains__(self, name: str) -> bool:
        with self._lock:
            return name in self._values

    def size(self, given: Size) -> Size:
        """What an app may use that is given so much."""
        with self._lock:
            memory = self._values.get("little_memory", given.memory)
        return replace(given, memory=int(float(str(memory))))

    def delay(self, cancellation: Cancellation) -> None:
        """Hold a build up as long as the faults say. Raises Superseded when cancelled."""
        with self._lock:
            seconds = self._values.get("slow_build", 0)
        cancellation.sleep(float(str(seconds)))
        while "stuck_build" in self:
            cancellation.sleep(_PAUSE)
