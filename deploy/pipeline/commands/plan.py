"""plan: what a deploy would change, shown; nothing is rehearsed and nothing written."""

from __future__ import annotations

from deploy.pipeline.ending import Ending
from deploy.pipeline.run import Run
from deploy.pipeline.steps.plan import plan_changes, refuse_superseded, show
from deploy.pipeline.steps.source import shipping


def plan(run: Run) -> None:
    """Raises what a deploy would before its first write."""
    with shipping(run) as source:
        changes, _ = plan_changes(run, source)
    refuse_superseded(run, changes)
    show(run, changes)
    run.end(Ending.PLANNED if changes else Ending.UNCHANGED)
