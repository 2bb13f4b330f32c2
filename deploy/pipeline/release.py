"""Changing a Space so that it can be trusted: lease, settings, one commit, wait, verify, or go back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial

from deploy.errors import Conflict, DeployError
from deploy.pipeline.committing import commit
from deploy.pipeline.going_back import go_back, interrupted, mark_serving, put_settings_back, stopped_at_the_end
from deploy.pipeline.proving import what_is_not_proved
from deploy.pipeline.run import Run
from deploy.pipeline.serving import await_serving
from deploy.space.apply import apply
from deploy.space.changes import Change, CreateSpace, SetVisibility
from deploy.space.lease import held, require
from deploy.space.model import SpaceInfo
from deploy.space.observe import Observed
from deploy.space.plan import Plan
from deploy.space.publish import Release

_LEASE_MARGIN = 600.0
"""Seconds a lease outlives the longest wait of a release and of its rollback."""


def release(run: Run, plan: Plan, observed: Observed) -> None:
    """Carry the plan out and see it serve.

    Raises RolledBack, RollbackFailed, ReleaseFailed, Unconfirmed or Interrupted by how it ended, and the
    Hub's own errors when nothing was left behind.
    """
    with changing(run) as stack:
        info = _existing_space(run, plan, observed)
        take_lease(run, stack, info.sha)
        _refuse_if_moved(run, info, observed)
        _change(run, plan, observed, info)


@contextmanager
def changing(run: Run) -> Iterator[ExitStack]:
    """Where the lease is taken. Raises Interrupted at Ctrl-C: what must be put back is, while the lease is held."""
    ending: DeployError | None = None
    over = False
    try:
        with ExitStack() as stack:
            try:
                yield stack
                over = True
            except KeyboardInterrupt:
                ending = interrupted(run)
            except DeployError as error:
                ending = error
            if ending:
                raise ending
    except KeyboardInterrupt:
        if ending or over:
            raise stopped_at_the_end(run, ending) from None
        raise  # once more, while things were being put back


def take_lease(run: Run, stack: ExitStack, commit: str) -> None:
    """Hold the right to change the Space until `stack` closes, and see before each write that it still is.

    Raises LeaseHeld.
    """
    duration = 2 * (run.target.build_timeout + run.config.app.ready_timeout) + _LEASE_MARGIN
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
        run.journal.require_lease = partial(require, run.client, lease, run.target.name)
        step.note(f"held by {lease.holder}")


def _existing_space(run: Run, plan: Plan, observed: Observed) -> SpaceInfo:
    """The Space, made with its settings in one request when there is none."""
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
        _write_settings(run, plan.settings)
        head = commit_files(run, plan, info.sha)
    except DeployError as error:
        raise put_settings_back(run, error) from error
    # Another visibility restarts nothing: waiting to see it would be in vain.
    restarting = head == info.sha and any(not isinstance(change, SetVisibility) for change in plan.settings)
    failure = await_serving(run, head, run.revision, restarting=restarting)
    if failure is None and plan.files:
        failure = what_is_not_proved(run)
    if failure:
        raise go_back(run, failure, observed, head)
    _finish(run, plan, observed, head)


def _write_settings(run: Run, changes: tuple[Change, ...]) -> None:
    if changes:
        with run.console.step("settings") as step:
            apply(run.client, changes, run.journal)
            step.note(f"{len(changes)} written")


def commit_files(run: Run, plan: Plan, parent: str) -> str:
    """The plan's files in one commit on `parent`; gives the new head, or `parent` when none differ."""
    if plan.files is None:
        run.commit = parent
        return parent
    release = Release(
        deploy=run.deploy,
        revision=run.revision,
        source=run.source_sha,
        image=run.image,
        variables=run.settings.variables,
    )
    with run.console.step("commit") as step:
        run.commit = commit(run, plan.files.operations, release, parent)
        step.note(f"{run.commit[:12]}, {len(plan.files.operations)} files")
    return run.commit


def _finish(run: Run, plan: Plan, observed: Observed, head: str) -> None:
    if plan.removals:
        _remove(run, plan)
        failure = await_serving(run, head, run.revision, restarting=True)
        if failure:
            raise go_back(run, failure, observed, head)
    with run.console.step("record") as step:
        unmarked = mark_serving(run, head)
        run.verdict = "deployed"
        step.note(f"{head[:12]} is a good release")
        if unmarked:
            step.fail(unmarked)


def _remove(run: Run, plan: Plan) -> None:
    with run.console.step("remove") as step:
        try:
            apply(run.client, plan.removals, run.journal)
        except DeployError as error:
            run.verdict = "deployed"
            raise type(error)(
                f"{run.target.space} serves the new release, and what is no longer declared is not all removed: "
                f"{error.what}",
                cause=error.cause,
                next_step=f"invoke secrets.sync --to {run.target.name} removes the rest",
                details=error.details,
            ) from error
        step.note(f"{len(plan.removals)} no longer declared")
