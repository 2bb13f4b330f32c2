"""Whether a deployment serves: ready, of the right revision, and answering every declared check."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial

from deploy.config import AppConfig, ProbeConfig
from deploy.proof import Proof
from deploy.verify.app import App

_SILENCE = "no answer"
_POLL = 0.5
"""Seconds between two questions while the app gets ready."""


def verify(
    app: App,
    wanted: AppConfig,
    checks: tuple[ProbeConfig, ...],
    revision: str,
    *,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> tuple[Proof, ...]:
    """Run the suite; `revision` "" means any. The rest is not run when the app does not get ready."""
    ready = _timed(partial(_ready, app, wanted, clock, sleep), clock)
    if ready.verdict != "passed":
        return (ready,)
    rest = (partial(_revision, app, wanted, revision), *(partial(_probe, app, check) for check in checks))
    return (ready, *(_timed(check, clock) for check in rest))


def was_answered(proof: Proof) -> bool:
    """Whether the app was heard in one of these checks, whatever it said."""
    return not proof.seen.startswith(_SILENCE)


def _ready(app: App, wanted: AppConfig, clock: Callable[[], float], sleep: Callable[[float], None]) -> Proof:
    deadline = clock() + wanted.ready_timeout
    while (answer := app.ask(wanted.health)).status != 200 and clock() < deadline:
        sleep(_POLL)
    asked = f"GET {wanted.health} is 200 within {wanted.ready_timeout:g} s"
    return _proof("health", answer.status == 200, asked, answer.outcome)


def _revision(app: App, wanted: AppConfig, revision: str) -> Proof:
    if not revision or wanted.version is None:
        why = "the app does not tell its revision" if wanted.version is None else "no revision is known to compare with"
        return Proof(check="revision", verdict="not run", asked="the app tells the revision that was shipped", seen=why)
    answer = app.ask(wanted.version)
    asked = f"GET {wanted.version} tells revision {revision[:12]}"
    seen = f"revision {answer.revision[:12]}" if answer.revision else answer.outcome
    return _proof("revision", answer.revision == revision, asked, seen)


def _probe(app: App, check: ProbeConfig) -> Proof:
    answer = app.ask(check.path, check.method)
    asked = f"{check.method} {check.path} is {check.status}"
    return _proof(f"{check.method} {check.path}", answer.status == check.status, asked, answer.outcome)


def _proof(check: str, good: bool, asked: str, seen: str) -> Proof:
    return Proof(check=check, verdict="passed" if good else "failed", asked=asked, seen=seen)


def _timed(check: Callable[[], Proof], clock: Callable[[], float]) -> Proof:
    started = clock()
    proof = check()
    return replace(proof, seconds=round(clock() - started, 3))
