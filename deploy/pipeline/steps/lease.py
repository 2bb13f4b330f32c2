"""lease: the right to change a Space, held by one deploy."""

from __future__ import annotations

from contextlib import ExitStack
from functools import partial

from deploy.pipeline.run import Run
from deploy.space.lease import held, require

_MARGIN = 600.0
"""Seconds a lease outlives the longest wait of a release and of its rollback."""


def take_lease(run: Run, stack: ExitStack, commit: str) -> None:
    """Hold the right to change the Space until `stack` closes, and see before each write that it still is.

    Raises LeaseHeld.
    """
    duration = 2 * (run.target.build_timeout + run.config.app.ready_timeout) + _MARGIN
    with run.console.step("lease") as step:
        lease = stack.enter_context(
            held(
                run.client,
                commit,
                duration=duration,
                target=run.target.name,
                wait=run.target.lease_wait,
                on_stranded=run.console.warn,
            )
        )
        run.journal.require_lease = partial(require, run.client, lease, run.target.name, sleep=run.sleep)
        step.note(f"held by {lease.holder}")
