"""One commit of a run, known to the journal from before it is sent."""

from __future__ import annotations

from collections.abc import Sequence

from deploy.pipeline.run import Run
from deploy.space.operations import Operation
from deploy.space.publish import Release, landed, publish


def commit(run: Run, operations: Sequence[Operation], release: Release, parent: str) -> str:
    """Publish it; gives the commit's id. Raises what `publish` raises."""
    run.journal.require_lease()
    run.journal.sent = release.deploy
    run.journal.commit = publish(run.client, operations, release, parent)
    return run.journal.commit


def look_for_commit(run: Run) -> None:
    """After an interrupt hid the answer: note the commit when it is on `main`. Raises what the client raises."""
    if run.journal.sent and not run.journal.commit:
        run.journal.commit = landed(run.client, run.journal.sent)
