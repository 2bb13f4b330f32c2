"""What the platform tells of a deployment while it is checked: that it was started, its stage, the memory it takes."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager

from deploy.stages import RUNNING
from deploy.verify.check import Assertions
from deploy.verify.subject import Subject, Vitals

_BY_THE_HUB = "===== Application Startup at"
_START = re.compile(rf"{_BY_THE_HUB} [^=]*|Started server process \[\d+\]")
"""What Hubs write into the run log at each start of an app, and uvicorn at each of its own."""
_MIB = 1024**2

Starts = Counter[str]
"""Lines of the log that tell of a start, each with how often it is there."""


@contextmanager
def watching(subject: Subject) -> Iterator[Watch]:
    """From the deployment as it is now; for the time of all that is done to it."""
    with ThreadPoolExecutor(1, thread_name_prefix="watch") as thread:
        yield Watch(subject, thread)


class Watch:
    """To read a log takes seconds, as nothing tells its end but silence: the first time it is done meanwhile."""

    def __init__(self, subject: Subject, thread: Executor) -> None:
        self._subject = subject
        self._thread = thread
        self._first = self._known = thread.submit(self._read)
        self._seen: list[Vitals] = []
        self._measured: dict[str, int] = {}
        self._total = 0

    def begin(self) -> None:
        """Every start from now on counts. What comes while the log is read for the first time passes for old."""
        self._first.result()

    def look(self, when: str, assertions: Assertions, *, restarts: int = 0) -> None:
        """That since the last look it was started as often as somebody asked for, that it runs, and has memory left."""
        known, self._known = self._known.result(), self._thread.submit(self._read)
        if self._subject.vitals:
            vitals = self._subject.vitals()
            self._seen.append(vitals)
            trouble = f" ({vitals.trouble})" if vitals.trouble else ""
            assertions.expect(vitals.stage == RUNNING, f"the Hub says {vitals.stage}{trouble} {when}")
            if vitals.memory_used is not None:
                self._measured[when], self._total = vitals.memory_used, vitals.memory_total
                fits = vitals.memory_used < vitals.memory_total
                used, most = _mib(vitals.memory_used), _mib(vitals.memory_total)
                assertions.expect(fits, f"{used} MiB of memory are used {when}, the hardware has {most} MiB")
        self._count(self._known.result() - known, when, assertions, restarts)

    def _count(self, new: Starts, when: str, assertions: Assertions, restarts: int) -> None:
        """By the Hub's lines; where they are in order by those of the server, of which one start may leave several."""
        asked = {True: restarts, False: restarts * max(1, _total(self._first.result(), by_the_hub=False))}
        for by_the_hub, most in asked.items():
            times = _total(new, by_the_hub=by_the_hub)
            lines = ", ".join(line for line in new if line.startswith(_BY_THE_HUB) is by_the_hub)
            if not assertions.expect(times <= most, f"{when} the app was started {times} times, not {most}: {lines}"):
                return

    @property
    def memory(self) -> str:
        """In words: at each look, of how much."""
        if not self._measured:
            return "memory is not told here"
        looks = ", ".join(f"{_mib(used)} {when}" for when, used in self._measured.items())
        return f"memory in MiB: {looks}, of {_mib(self._total)}"

    @property
    def figures(self) -> Mapping[str, float]:
        """In MiB, by the first word of when."""
        if not self._measured:
            return {}
        found = {f"memory_{when.partition(' ')[0]}_MiB": used for when, used in self._measured.items()}
        return {name: round(used / _MIB, 1) for name, used in {**found, "memory_limit_MiB": self._total}.items()}

    @property
    def unseen(self) -> tuple[str, ...]:
        """What could not be looked at, each with the reason."""
        reasons = dict.fromkeys(one.memory_unknown for one in self._seen if one.memory_unknown)
        lines = [f"memory was not measured: {reason}" for reason in reasons]
        if not self._subject.vitals:
            lines.append("neither stage nor memory were looked at: nothing tells them of this deployment")
        if not self._known.result():
            lines.append("starts without being asked were not looked for: the run log names none")
        return tuple(lines)

    def _read(self) -> Starts:
        """A Hub may begin a new log at a start, or drop the older part of one: what is gone is no start."""
        log = self._subject.run_log() if self._subject.run_log else ()
        return Counter(found.group().strip() for line in log if (found := _START.search(line)))


def _total(starts: Starts, *, by_the_hub: bool) -> int:
    return sum(times for line, times in starts.items() if line.startswith(_BY_THE_HUB) is by_the_hub)


def _mib(amount: int) -> str:
    return f"{amount / _MIB:,.0f}"
