"""What the platform tells of a deployment while it is checked: that it was started, its stage, the memory it takes."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping

from deploy.verify.findings import Findings
from deploy.verify.subject import Subject, Vitals

RUNNING = "RUNNING"
_BY_THE_HUB = "===== Application Startup at"
_START = re.compile(rf"{_BY_THE_HUB} [^=]*|Started server process \[\d+\]")
"""What Hubs write into the run log at each start of an app, and uvicorn at each of its own."""
_MIB = 1024**2


class Watch:
    """Begins with the deployment as it is. What is not as it should be goes to `findings`."""

    def __init__(self, subject: Subject, findings: Findings) -> None:
        self._subject = subject
        self._findings = findings
        self._starts = self._read()
        self._told = bool(self._starts)
        self._seen: dict[str, Vitals] = {}

    def look(self, when: str) -> None:
        """That since the last look nothing was started, that it runs, and that it has memory left."""
        for line, times in self._new().items():
            often = f", {times} times" if times > 1 else ""
            self._findings.expect(False, f"the app was started without being asked {when}{often}: {line}")
        if self._subject.vitals:
            self._seen[when] = vitals = self._subject.vitals()
            trouble = f" ({vitals.trouble})" if vitals.trouble else ""
            self._findings.expect(vitals.stage == RUNNING, f"the Hub says {vitals.stage}{trouble} {when}")
            if vitals.memory_used is not None:
                used, most = _mib(vitals.memory_used), _mib(vitals.memory_total)
                fits = vitals.memory_used < vitals.memory_total
                self._findings.expect(fits, f"{used} MiB of memory are used {when}, the hardware has {most} MiB")

    def restarted(self) -> None:
        """Somebody asked for one restart: that it was one."""
        times = sum(times for line, times in self._new().items() if line.startswith(_BY_THE_HUB))
        self._findings.expect(times <= 1, f"the app was started {times} times where one restart was asked for")

    @property
    def memory(self) -> str:
        """In words: at each look, of how much."""
        measured = {when: one for when, one in self._seen.items() if one.memory_used is not None}
        if not measured:
            return "memory is not told here"
        looks = ", ".join(f"{_mib(one.memory_used or 0)} {when}" for when, one in measured.items())
        return f"memory in MiB: {looks}, of {_mib(list(measured.values())[-1].memory_total)}"

    @property
    def figures(self) -> Mapping[str, float]:
        found: dict[str, float] = {}
        for when, vitals in self._seen.items():
            if vitals.memory_used is not None:
                found[f"memory_{when.replace(' ', '_')}_MiB"] = round(vitals.memory_used / _MIB, 1)
                found["memory_of_the_hardware_MiB"] = round(vitals.memory_total / _MIB, 1)
        return found

    @property
    def unseen(self) -> tuple[str, ...]:
        """What could not be looked at, each with the reason."""
        reasons = dict.fromkeys(one.memory_unknown for one in self._seen.values() if one.memory_unknown)
        lines = [f"memory was not measured: {reason}" for reason in reasons]
        if not self._subject.vitals:
            lines.append("neither stage nor memory were looked at: nothing tells them of this deployment")
        if not self._told:
            lines.append("starts without being asked were not looked for: the run log names none")
        return tuple(lines)

    def _new(self) -> Counter[str]:
        """Starts that were not known at the last look. A Hub may begin a new log, or drop the older part of one."""
        before, self._starts = self._starts, self._read()
        self._told = self._told or bool(self._starts)
        return self._starts - before

    def _read(self) -> Counter[str]:
        log = self._subject.run_log() if self._subject.run_log else ()
        return Counter(found.group().strip() for line in log if (found := _START.search(line)))


def _mib(amount: int) -> str:
    return f"{amount / _MIB:,.0f}"
