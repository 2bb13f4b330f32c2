"""record: a release that was seen to serve is marked as good, and what was seen of a run is kept."""

from __future__ import annotations

import platform
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version

import deploy
from deploy.errors import DeployError, LeaseHeld
from deploy.evidence.closing import conclude
from deploy.evidence.model import Evidence
from deploy.pipeline.run import Run
from deploy.space.history import mark_good
from deploy.space.lease import holder_name

_TOOLS = ("huggingface_hub", "docker", "schemathesis", "playwright", "locust", "pip-audit", "invoke")


def record_release(run: Run, head: str, *, proved: bool) -> None:
    """The step: that it serves stands, whether or not it could be marked. Raises LeaseHeld.

    What was not `proved` as the project demands it is no good release yet.
    """
    with run.console.step("record") as step:
        if not proved:
            step.skip(f"the suite was not run on {head[:12]}: invoke deploy --to {run.target.name}")
            return
        unmarked = mark_serving(run, head)
        step.note(f"{head[:12]} is a good release")
        if unmarked:
            step.fail(unmarked)


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


def keep_evidence(run: Run) -> None:
    """Writes down what was seen. Raises OSError when it cannot be written."""
    listed = run.config.source.tasks
    evidence = Evidence(
        deploy=run.deploy,
        target=run.target.name,
        space=run.target.space,
        hub=run.client.endpoint,
        url=run.url,
        who=holder_name(),
        started=run.started,
        finished=datetime.now(UTC),
        verdict=run.verdict,
        rolled_back=run.rolled_back,
        source_sha=run.source_sha,
        revision=run.revision,
        image=run.image,
        commit=run.commit,
        tools=_versions(),
        steps=run.console.steps,
        proofs=tuple(run.proofs.values()),
        tasks=run.config.tasks,
    )
    task_list = listed.with_suffix(".md") if listed else None
    run.tally = conclude(run.config.root, evidence, task_list, run.console.redact).tally()


def _versions() -> dict[str, str]:
    found = {"spacewright": deploy.__version__, "python": platform.python_version()}
    for name in _TOOLS:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "not installed"
    return found
