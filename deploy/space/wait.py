"""Waiting for one revision: not for any RUNNING, for the commit that was pushed."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from deploy.space.client import HubClient
from deploy.space.model import Runtime
from deploy.stages import BUILDING_STAGES, FAILED_STAGES, RUNNING

OLD_FAILURE_GRACE = 60.0
"""Seconds an error stage of another commit is taken for the past; after that the new one is taken to be stuck in it."""

RESTART_GRACE = 15.0
"""Seconds in which the Hub shows that a changed setting restarts the Space; a faster restart may not show at all."""


@dataclass(frozen=True, kw_only=True)
class Waited:
    """How waiting ended: `serving`, `failed` (with the stage that says so) or `timeout` (with the last stage seen)."""

    outcome: Literal["serving", "failed", "timeout"]
    runtime: Runtime
    seconds: float


def wait_for(
    client: HubClient,
    commit: str,
    *,
    timeout: float,
    poll: float,
    restarting: bool = False,
    on_stage: Callable[[str], None],
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> Waited:
    """Poll the runtime every `poll` seconds until the Hub says that `commit` serves, or cannot; `timeout` seconds.

    `restarting`: the commit served or failed before and is started anew. The stage it is first seen in
    counts once another was seen, or RESTART_GRACE has passed without one.
    """
    started = clock()
    last_stage = first_stage = ""
    while True:
        runtime = client.runtime()
        elapsed = clock() - started
        shown = _shown(runtime, commit)
        if shown != last_stage:
            on_stage(shown)
            last_stage = shown
        first_stage = first_stage or runtime.stage
        restarting = restarting and runtime.stage == first_stage and elapsed < RESTART_GRACE
        if runtime.serves(commit) and not restarting:
            return Waited(outcome="serving", runtime=runtime, seconds=elapsed)
        if _failed(runtime, commit, elapsed) and not restarting:
            return Waited(outcome="failed", runtime=runtime, seconds=elapsed)
        if elapsed >= timeout:
            return Waited(outcome="timeout", runtime=runtime, seconds=elapsed)
        sleep(min(poll, max(0.0, timeout - elapsed)))


def _failed(runtime: Runtime, commit: str, elapsed: float) -> bool:
    if runtime.stage in BUILDING_STAGES or runtime.stage == RUNNING:
        return False
    if runtime.stage in FAILED_STAGES and runtime.sha not in {None, commit}:
        return elapsed > OLD_FAILURE_GRACE
    return runtime.stage in FAILED_STAGES or elapsed > OLD_FAILURE_GRACE


def _shown(runtime: Runtime, commit: str) -> str:
    old = runtime.sha and runtime.sha != commit
    return f"{runtime.stage} (still {runtime.sha[:12]})" if old and runtime.sha else runtime.stage
