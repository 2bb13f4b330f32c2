"""restart: the Space starts anew, and is seen to serve."""

from __future__ import annotations

from deploy.errors import VerificationFailed
from deploy.pipeline.ending import Ending
from deploy.pipeline.run import Run
from deploy.pipeline.steps import restart as step
from deploy.pipeline.steps.plan import confirm
from deploy.pipeline.steps.space import existing
from deploy.pipeline.steps.wait import await_serving


def restart(run: Run, *, factory: bool, yes: bool) -> None:
    """With `factory` the image is built anew. Raises VerificationFailed."""
    info = existing(run)
    confirm(run, yes=yes)
    step.restart(run, info, factory=factory, note="with a new build" if factory else "")
    if failure := await_serving(run, info.sha, run.revision, restarting=True):
        raise VerificationFailed(
            f"{run.target.space} was restarted and does not serve. {failure.what}",
            cause=failure.cause,
            next_step=f"invoke logs --to {run.target.name}; invoke rollback --to {run.target.name}",
            details=failure.details,
        )
    run.end(Ending.VERIFIED)
