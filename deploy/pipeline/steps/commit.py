"""commit: the files of a release in one commit, known to the journal from before it is sent."""

from __future__ import annotations

from collections.abc import Sequence

from deploy.pipeline.run import Run
from deploy.space.operations import Operation
from deploy.space.plan import Plan
from deploy.space.publish import Release, landed, publish


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
