"""The end of a run: its evidence and its reports."""

from __future__ import annotations

import platform
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version

import deploy
from deploy.evidence.closing import conclude
from deploy.evidence.model import Evidence
from deploy.pipeline.run import Run
from deploy.space.lease import holder_name

_TOOLS = ("huggingface_hub", "docker", "schemathesis", "playwright", "locust", "pip-audit", "invoke")


def conclude_run(run: Run) -> None:
    """Writes down what was seen. Raises OSError when it cannot be written."""
    spec = run.config.source.spec
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
    )
    task_list = spec.with_name("tasks.md") if spec else None
    run.tally = conclude(run.config.root, evidence, task_list, run.console.redact).tally()


def _versions() -> dict[str, str]:
    found = {"spacewright": deploy.__version__, "python": platform.python_version()}
    for name in _TOOLS:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "not installed"
    return found
