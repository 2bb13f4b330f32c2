"""When a release fails: back to the last good one by a new commit, seen to serve, and said plainly."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from deploy.errors import DeployError, Interrupted, LeaseHeld, ReleaseFailed, RollbackFailed, RolledBack, Unconfirmed
from deploy.pipeline.committing import commit, look_for_commit
from deploy.pipeline.failure import Failure
from deploy.pipeline.run import Run
from deploy.pipeline.serving import await_serving
from deploy.space.apply import undo_settings
from deploy.space.history import PastRelease, history, last_good, mark_good
from deploy.space.observe import Observed
from deploy.space.publish import Release
from deploy.space.rollback import restoring_operations

T = TypeVar("T")


def go_back(run: Run, failure: Failure, observed: Observed, head: str) -> DeployError:
    """Put the last good release back; gives the error that says how the deploy ended."""
    try:
        good = _good_release(run, observed, head)
        if good is None:
            run.verdict = "failed"
            return _nothing_to_go_back_to(run, failure)
        lasting, relapse = restore(run, good, head, settings=lambda: undo_settings(run.client, run.journal))
        if relapse:
            return _rollback_failed(run, failure, f"{relapse.what} {relapse.cause or ''}".strip())
        unmarked = mark_serving(run, run.commit)
    except DeployError as error:
        return _rollback_failed(run, failure, error.what)
    run.verdict, run.rolled_back = "rolled_back", True
    return RolledBack(
        f"{failure.what} Rolled back: {good.commit[:12]} serves again.",
        cause=failure.cause,
        next_step="mend it and deploy again",
        details=(*failure.details, *lasting, *([unmarked] if unmarked else [])),
    )


def mark_serving(run: Run, head: str) -> str:
    """Mark what was seen to serve as a good release; gives why it could not be, as it serves all the same.

    Raises LeaseHeld when the lease was lost: somebody else may have changed what was seen.
    """
    try:
        run.journal.require_lease()
        mark_good(run.client, head)
    except LeaseHeld:
        raise
    except DeployError as error:
        return f"{head[:12]} serves, and could not be marked as a good release: {error.what}"
    return ""


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


def put_settings_back(run: Run, error: DeployError) -> DeployError:
    """A write failed before the commit: undo what was written; gives the error with that said."""
    if isinstance(error, Unconfirmed):
        run.verdict = "unconfirmed"
        error.details = (*error.details, *run.journal.lines)
        return error
    if not run.journal.written:
        return error
    try:
        lasting = undo_settings(run.client, run.journal)
    except DeployError as again:
        left = ("written before it failed, and not put back:", *run.journal.lines, again.what)
    else:
        left = ("settings written before it failed were put back", *lasting)
    return type(error)(error.what, cause=error.cause, next_step=error.next_step, details=(*error.details, *left))


def interrupted(run: Run) -> Interrupted:
    """Ctrl-C: settings alone are put back, a commit is left to the Hub; the message says which."""
    run.verdict = "interrupted"
    target = run.target.name
    try:
        look_for_commit(run)
    except DeployError as error:
        return Interrupted(
            "Stopped while the commit was under way, and the Hub cannot be asked whether it landed.",
            cause=error.what,
            next_step=f"when the Hub answers again: invoke status --to {target}, then invoke deploy --to {target}",
            details=run.journal.lines,
        )
    if not run.journal:
        return Interrupted("Stopped. Nothing was written.", next_step=f"invoke deploy --to {target}")
    if run.journal.commit:
        return Interrupted(
            f"Stopped after commit {run.journal.commit[:12]}; the Hub goes on building it.",
            next_step=f"invoke status --to {target}; to finish: invoke deploy; to go back: invoke rollback",
            details=run.journal.lines,
        )
    written = run.journal.lines
    try:
        lasting = undo_settings(run.client, run.journal)
    except DeployError as error:
        return Interrupted(
            "Stopped before the commit. Settings were written and could not be put back.",
            cause=error.what,
            next_step=f"to finish: invoke deploy --to {target}",
            details=written,
        )
    return Interrupted(
        "Stopped before the commit. Settings that were written were put back.",
        next_step=f"invoke deploy --to {target}",
        details=(*written, *lasting),
    )


def stopped_at_the_end(run: Run, ending: DeployError | None) -> Interrupted:
    """Ctrl-C while the lease was given back: `ending` is the error that the command ended with, if any."""
    run.verdict = "interrupted"
    before = ending.what if ending else f"Done, at commit {run.commit[:12]}."
    return Interrupted(
        f"{before} Stopped while the lease was given back.",
        next_step=f"invoke status --to {run.target.name} shows whether it is still held; to clear it: invoke unlock",
        details=ending.details if ending else run.journal.lines,
    )


def _good_release(run: Run, observed: Observed, head: str) -> PastRelease | None:
    """What served when the deploy began, else the newest release that was verified."""
    past = history(run.client)
    serving = observed.serving
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
    run.verdict = "rollback_failed"
    return RollbackFailed(
        f"{failure.what} Going back failed too.",
        cause=f"{failure.cause or 'unknown'}; the rollback: {why}",
        next_step=f"invoke status --to {run.target.name}, then invoke rollback --to {run.target.name}",
        details=(*failure.details, *run.journal.lines),
    )
