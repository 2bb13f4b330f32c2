"""Whether a deployment serves: ready, of the right revision, and answering every declared check."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from deploy.config import AppConfig, ProbeConfig
from deploy.verify.app import App

_SILENCE = "no answer"
_POLL = 0.5
"""Seconds between two questions while the app gets ready."""


@dataclass(frozen=True, kw_only=True)
class CheckResult:
    """One check: what was asked, what was seen, how long it took (seconds)."""

    name: str
    verdict: Literal["passed", "failed", "not run"]
    asked: str
    seen: str
    seconds: float

    @property
    def answered(self) -> bool:
        """Whether the app was heard, whatever it said."""
        return not self.seen.startswith(_SILENCE)

    @property
    def line(self) -> str:
        return f"{self.name}: {self.asked}; seen: {self.seen}"


def verify(
    app: App,
    wanted: AppConfig,
    checks: tuple[ProbeConfig, ...],
    revision: str,
    *,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> tuple[CheckResult, ...]:
    """Run the suite; `revision` "" means any. The rest is not run when the app does not get ready."""
    results = [_timed(lambda: _ready(app, wanted, clock, sleep), clock)]
    if results[0].verdict == "passed":
        results.append(_timed(lambda: _revision(app, wanted, revision), clock))
        results += [_timed(lambda check=check: _probe(app, check), clock) for check in checks]  # type: ignore[misc]
    return tuple(results)


def failures(results: tuple[CheckResult, ...]) -> tuple[CheckResult, ...]:
    return tuple(result for result in results if result.verdict == "failed")


def _ready(app: App, wanted: AppConfig, clock: Callable[[], float], sleep: Callable[[float], None]) -> CheckResult:
    deadline = clock() + wanted.ready_timeout
    while (answer := app.ask(wanted.health)).status != 200 and clock() < deadline:
        sleep(_POLL)
    asked = f"GET {wanted.health} is 200 within {wanted.ready_timeout:g} s"
    return _result("health", answer.status == 200, asked, answer.told)


def _revision(app: App, wanted: AppConfig, revision: str) -> CheckResult:
    if not revision or wanted.version is None:
        why = "the app does not tell its revision" if wanted.version is None else "no revision is known to compare with"
        return CheckResult(name="revision", verdict="not run", asked=why, seen="", seconds=0.0)
    answer = app.ask(wanted.version)
    asked = f"GET {wanted.version} tells revision {revision[:12]}"
    seen = f"revision {answer.revision[:12]}" if answer.revision else answer.told
    return _result("revision", answer.revision == revision, asked, seen)


def _probe(app: App, check: ProbeConfig) -> CheckResult:
    answer = app.ask(check.path, check.method)
    asked = f"{check.method} {check.path} is {check.status}"
    return _result(f"{check.method} {check.path}", answer.status == check.status, asked, answer.told)


def _result(name: str, good: bool, asked: str, seen: str) -> CheckResult:
    return CheckResult(name=name, verdict="passed" if good else "failed", asked=asked, seen=seen, seconds=0.0)


def _timed(check: Callable[[], CheckResult], clock: Callable[[], float]) -> CheckResult:
    started = clock()
    result = check()
    return CheckResult(
        name=result.name,
        verdict=result.verdict,
        asked=result.asked,
        seen=result.seen,
        seconds=round(clock() - started, 3),
    )
