"""logs: what the Space says, as it comes."""

from __future__ import annotations

import json

from deploy.pipeline.run import Run
from deploy.pipeline.steps.space import existing


def logs(run: Run, kind: str, *, follow: bool) -> None:
    """Print a log as it comes. In json mode each line is a document, as a log has no end to wait for."""
    existing(run)
    for line in run.client.logs(kind, follow=follow):
        run.console.data(json.dumps({"log": kind, "line": line}) if run.console.mode == "json" else line)
