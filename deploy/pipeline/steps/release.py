"""Changing a Space so that it can be trusted: lease, settings, one commit, wait, suite, or back."""

from __future__ import annotations

from deploy.errors import Conflict, DeployError
from deploy.pipeline.run import Run
from deploy.pipeline.steps.commit import commit_files
from deploy.pipeline.steps.create import ensure_space
from deploy.pipeline.steps.interrupt import changing
from deploy.pipeline.steps.lease import take_lease
from deploy.pipeline.steps.record import record_release
from deploy.pipeline.steps.remove import remove
from deploy.pipeline.steps.rollback import go_back
from deploy.pipeline.steps.settings import put_settings_back, write_settings
from deploy.pipeline.steps.suite import suite_failure
from deploy.pipeline.steps.wait import await_serving
from deploy.space.changes import SetVisibility
from deploy.space.model import SpaceInfo
from deploy.space.observe import Observed
from deploy.space.plan import Plan


def release(run: Run, plan: Plan, observed: Observed) -> None:
    """Carry the plan out and see it serve.

    Raises RolledBack, RollbackFailed, ReleaseFailed, Unconfirmed or Interrupted by how it ended, and the
    Hub's own errors when nothing was left behind.
    """
    with changing(run) as stack:
        info = ensure_space(run, plan, observed)
        take_lease(run, stack, info.sha)
        _refuse_if_moved(run, info, observed)
        _change(run, plan, observed, info)


def _refuse_if_moved(run: Run, info: SpaceInfo, observed: Observed) -> None:
    """What was planned and shown must still be what is there, now that nobody else may change it."""
    if observed.info is None:
        return
    now = run.client.info()
    if now is None or now.sha != info.sha:
        raise Conflict(
            f"{run.target.space} changed while this deploy was rehearsed. Nothing was written.",
            cause=f"main moved from {info.sha[:12]} to {now.sha[:12] if now else 'nothing'}",
            next_step="run the command again: it plans anew",
        )


def _change(run: Run, plan: Plan, observed: Observed, info: SpaceInfo) -> None:
    try:
        write_settings(run, plan.settings)
        head = commit_files(run, plan, info.sha)
    except DeployError as error:
        raise put_settings_back(run, error) from error
    # Another visibility restarts nothing: waiting to see it would be in vain.
    restarting = head == info.sha and any(not isinstance(change, SetVisibility) for change in plan.settings)
    failure = await_serving(run, head, run.revision, restarting=restarting)
    if failure is None and (plan.files or plan.verifies):
        failure = suite_failure(run)
    if failure:
        raise go_back(run, failure, observed, head, unverified=plan.verifies)
    _finish(run, plan, observed, head)


def _finish(run: Run, plan: Plan, observed: Observed, head: str) -> None:
    if plan.removals:
        remove(run, plan)
        failure = await_serving(run, head, run.revision, restarting=True)
        if failure:
            raise go_back(run, failure, observed, head, unverified=plan.verifies)
    proved = bool(plan.files or plan.verifies or observed.good or run.config.suite == "serving")
    record_release(run, head, proved=proved)
