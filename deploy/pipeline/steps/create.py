"""create: a Space that is not there yet, made with its settings in one request."""

from __future__ import annotations

from deploy.errors import Conflict
from deploy.pipeline.run import Run
from deploy.space.apply import apply
from deploy.space.changes import CreateSpace
from deploy.space.model import SpaceInfo
from deploy.space.observe import Observed
from deploy.space.plan import Plan


def ensure_space(run: Run, plan: Plan, observed: Observed) -> SpaceInfo:
    """The Space that was observed, else the one that is made now. Raises Conflict."""
    if observed.info is not None:
        return observed.info
    with run.console.step("create") as step:
        apply(run.client, [change for change in plan.changes if isinstance(change, CreateSpace)], run.journal)
        info = run.client.info()
        if info is None:
            raise Conflict(
                f"{run.target.space} was created and is gone again.",
                cause="someone deleted or renamed it at the same moment",
                next_step="run the command again",
            )
        step.note(f"{run.client.page}")
    run.url = info.host
    return info
