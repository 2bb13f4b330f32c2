"""Ctrl-C while a Space is changed: settings alone are put back, a commit is left to the Hub; it is said which."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from deploy.errors import DeployError, Interrupted
from deploy.pipeline.run import Run
from deploy.pipeline.steps.commit import look_for_commit
from deploy.space.apply import undo_settings
from deploy.space.changes import Restart


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
                ending = _interrupted(run)
            except DeployError as error:
                ending = error
            if ending:
                raise ending
    except KeyboardInterrupt:
        if ending or over:
            raise _stopped_at_the_end(run, ending) from None
        raise  # once more, while things were being put back


def _interrupted(run: Run) -> Interrupted:
    """Ctrl-C: settings alone are put back, a commit is left to the Hub; the message says which."""
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
    if not run.journal.commit and all(isinstance(change, Restart) for change in run.journal.written):
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


def _stopped_at_the_end(run: Run, ending: DeployError | None) -> Interrupted:
    """Ctrl-C while the lease was given back: `ending` is the error that the command ended with, if any."""
    before = ending.what if ending else f"Done, at commit {run.commit[:12]}."
    return Interrupted(
        f"{before} Stopped while the lease was given back.",
        next_step=f"invoke status --to {run.target.name} shows whether it is still held; to clear it: invoke unlock",
        details=ending.details if ending else run.journal.lines,
    )
