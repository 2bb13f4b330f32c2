"""settings: those that differ, written before the commit; what was written is put back when that fails."""

from __future__ import annotations

from deploy.errors import DeployError, Unconfirmed
from deploy.pipeline.run import Run
from deploy.space.apply import apply, undo_settings
from deploy.space.changes import Change


def write_settings(run: Run, changes: tuple[Change, ...]) -> None:
    if changes:
        with run.console.step("settings") as step:
            apply(run.client, changes, run.journal)
            step.note(f"{len(changes)} written")


def put_settings_back(run: Run, error: DeployError) -> DeployError:
    """A write failed before the commit: undo what was written; gives the error with that said."""
    if isinstance(error, Unconfirmed):
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
