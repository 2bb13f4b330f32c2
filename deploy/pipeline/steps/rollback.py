"""rollback: back to the last good release by a new commit, seen to serve, and said plainly."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from deploy.errors import DeployError, ReleaseFailed, RollbackFailed, RolledBack
from deploy.pipeline.failure import Failure
from deploy.pipeline.run import Run
from deploy.pipeline.steps.commit import commit
from deploy.pipeline.steps.record import mark_serving
from deploy.pipeline.steps.wait import await_serving
from deploy.space.apply import apply, undo_settings
from deploy.space.changes import SetVariable
from deploy.space.history import PastRelease, history, last_good
from deploy.space.observe import Observed
from deploy.space.publish import Release
from deploy.space.rollback import restoring_operations

T = TypeVar("T")


def go_back(run: Run, failure: Failure, observed: Observed, head: str, *, unverified: bool = False) -> DeployError:
    """Put the last good release back; gives the error that says how the deploy ended.

    `unverified`: what fails was shipped by an earlier run, and its variables with it.
    """

    def settings() -> tuple[str, ...]:
        lasting = undo_settings(run.client, run.journal)
        if unverified and good:
            variables_of(run, good)
        return lasting

    try:
        good = _good_release(run, None if unverified else observed.serving, head)
        if good is None:
            return _nothing_to_go_back_to(run, failure)
        lasting, relapse = restore(run, good, head, settings=settings)
        if relapse:
            return _rollback_failed(run, failure, f"{relapse.what} {relapse.cause or ''}".strip())
        unmarked = mark_serving(run, run.commit)
    except DeployError as error:
        return _rollback_failed(run, failure, error.what)
    return RolledBack(
        f"{failure.what} Rolled back: {good.commit[:12]} serves again.",
        cause=failure.cause,
        next_step="mend it and deploy again",
        details=(*failure.details, *lasting, *([unmarked] if unmarked else [])),
    )


def restore(run: Run, good: PastRelease, head: str, *, settings: Callable[[], T]) -> tuple[T, Failure | None]:
    """Make the Space what it was at `good`, and see it serve.

    `settings` puts the settings back and gives what to tell of them; beside it stands the failure, if any.
    """
    revision = good.release.revision if good.release else ""
    with run.console.step("rollback") as step:
        told = settings()
        operations = restoring_operations(run.client, good=good.commit, head=head)
        back = head
        if operations:
            release = Release(
                deploy=f"{run.deploy}-back",
                revision=revision or "unknown",
                source=good.release.source if good.release else "unknown",
                variables=good.release.variables if good.release else None,
                rollback_to=good.commit,
            )
            back = commit(run, operations, release, head)
        run.commit = back
        step.note(f"to {good.commit[:12]}, by commit {back[:12]}")
    return told, await_serving(run, back, revision, restarting=not operations)


def variables_of(run: Run, good: PastRelease) -> None:
    """What the release was made with, where it differs now. Variables it did not know stay: others may use them."""
    now = run.client.variables()
    old = good.release.variables if good.release else None
    changes = [
        SetVariable(name=name, value=value, old=now[name].value if name in now else None)
        for name, value in (old or {}).items()
        if name not in now or now[name].value != value
    ]
    apply(run.client, changes, run.journal)


def _good_release(run: Run, serving: str | None, head: str) -> PastRelease | None:
    """What served when the deploy began, else the newest release that was verified."""
    past = history(run.client)
    if serving:
        return next((release for release in past if release.commit == serving), None)
    return last_good(past, before=head)


def _nothing_to_go_back_to(run: Run, failure: Failure) -> ReleaseFailed:
    return ReleaseFailed(
        f"{failure.what} There is no earlier good release to go back to.",
        cause=failure.cause,
        next_step=f"mend it and deploy again; the logs: invoke logs --to {run.target.name}",
        details=failure.details,
    )


def _rollback_failed(run: Run, failure: Failure, why: str) -> RollbackFailed:
    return RollbackFailed(
        f"{failure.what} Going back failed too.",
        cause=f"{failure.cause or 'unknown'}; the rollback: {why}",
        next_step=f"invoke status --to {run.target.name}, then invoke rollback --to {run.target.name}",
        details=(*failure.details, *run.journal.lines),
    )
