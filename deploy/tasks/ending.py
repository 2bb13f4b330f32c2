"""How a run ends, the same for every command: one text, one document, one step summary."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from deploy.errors import DeployError, Interrupted

if TYPE_CHECKING:
    from deploy.pipeline.run import Run


@contextmanager
def reported(run: Run) -> Iterator[None]:
    """Tells how the body ended; an error gets the run's document and goes on."""
    from deploy.pipeline.summary import last_lines, summary

    try:
        yield
    except KeyboardInterrupt:
        raise _with_document(run, _stopped(run)) from None
    except DeployError as error:
        run.console.summary(summary(run, error))
        raise _with_document(run, error) from error.__cause__
    run.console.summary(summary(run, None))
    run.console.output("url", run.url)
    run.console.output("commit", run.commit)
    run.console.output("changed", str(bool(run.journal)).lower())
    run.console.result(run.document(), last_lines(run))


def _stopped(run: Run) -> Interrupted:
    """Ctrl-C before anything was written; or once more, while it was being put back."""
    if not run.journal:
        return Interrupted("Stopped. Nothing was written.", next_step="run the command again")
    return Interrupted(
        "Stopped once more, before everything was put back.",
        cause="what is listed was written, and may still be there",
        next_step=f"invoke status --to {run.target.name} shows what serves and whether the lease is still held; "
        f"to finish: invoke deploy --to {run.target.name}",
        details=run.journal.lines,
    )


def _with_document(run: Run, error: DeployError) -> DeployError:
    from deploy.pipeline.ending import Ending

    run.end(Ending.of(error))
    error.document = run.document()
    return error
