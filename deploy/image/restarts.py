"""Whether something in a container starts the server again and again: by its processes, by its log."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping

OFTEN = 3
"""Deaths of the same command line, or equal crashes in the log, that are no accident any more."""

_CRASH = re.compile(r"^(?:[A-Za-z_][\w.]*(?:Error|Exception|Exit)\b.*|.*Child process \[\d+\] died.*)$")
_NUMBERS = re.compile(r"\d+")
_WAITING = ("sleep ", "cat /proc/")


class ProcessWatch:
    """Remembers which process ids each command line had, over several looks."""

    def __init__(self) -> None:
        self._seen: defaultdict[str, set[int]] = defaultdict(set)
        self._alive: frozenset[int] = frozenset()

    def look(self, processes: Mapping[int, str]) -> None:
        """Takes the processes of now: id to command line."""
        self._alive = frozenset(processes)
        for number, line in processes.items():
            if not line.startswith(_WAITING):
                self._seen[line].add(number)

    def restarted(self) -> str | None:
        """The command line that ended most often, when that is `OFTEN`."""
        ended = Counter({line: len(numbers - self._alive) for line, numbers in self._seen.items()})
        return next((line for line, deaths in ended.most_common(1) if deaths >= OFTEN), None)


def repeated_crash(log: str) -> str | None:
    """The line of a crash that stands in the log `OFTEN` times or more; numbers in it may differ."""
    crashes = [line.strip() for line in log.splitlines() if _CRASH.match(line.strip())]
    counts = Counter(_NUMBERS.sub("#", line) for line in crashes)
    for line in reversed(crashes):
        if counts[_NUMBERS.sub("#", line)] >= OFTEN:
            return line
    return None
