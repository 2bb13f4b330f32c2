"""Who looks at a Space for us: at a private one, the holder of our token."""

from __future__ import annotations

from deploy.pipeline.run import Run
from deploy.verify.app import Viewer


def viewer(run: Run) -> Viewer | None:
    """None where everybody may look."""
    if run.target.visibility != "private":
        return None
    return Viewer(token=run.client.viewer_token, sign=run.client.sign, hide=run.console.redact.add)
