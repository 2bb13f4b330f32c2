"""push: the files alone, in one commit on a Space that exists. Settings, waiting and checks are other commands."""

from __future__ import annotations

from deploy.pipeline.ending import Ending
from deploy.pipeline.run import Run
from deploy.pipeline.steps.commit import commit_files
from deploy.pipeline.steps.interrupt import changing
from deploy.pipeline.steps.lease import take_lease
from deploy.pipeline.steps.plan import confirm, plan_changes, show
from deploy.pipeline.steps.source import shipping
from deploy.pipeline.steps.space import existing


def push(run: Run, *, yes: bool) -> None:
    """Make the Space's files equal to the source. Raises SpaceNotFound, LeaseHeld and what the client raises."""
    info = existing(run)
    with shipping(run) as source:
        plan, _ = plan_changes(run, source)
        show(run, plan)
        if plan.files is None:
            run.end(Ending.UNCHANGED)
            return
        confirm(run, yes=yes)
        with changing(run) as stack:
            take_lease(run, stack, info.sha)
            commit_files(run, plan, info.sha)
    run.end(Ending.PUSHED)
