"""The Space that a command is about, and who looks at it for us."""

from __future__ import annotations

from deploy.errors import SpaceNotFound
from deploy.pipeline.run import Run
from deploy.space.model import SpaceInfo
from deploy.space.observe import shipped_revision
from deploy.verify.app import Viewer


def existing(run: Run) -> SpaceInfo:
    """The Space as it is. Raises SpaceNotFound."""
    info = run.client.info()
    if info is None:
        raise SpaceNotFound(
            f"There is no Space {run.target.space} that this token can see.",
            cause="it was never deployed, or it is private and hidden from this token",
            next_step=f"invoke deploy --to {run.target.name}",
        )
    run.url, run.commit = info.host, info.sha
    run.revision = shipped_revision(run.client, info.sha)
    return info


def viewer(run: Run) -> Viewer | None:
    """The holder of our token, for a private one; None where everybody may look."""
    if run.target.visibility != "private":
        return None
    return Viewer(token=run.client.viewer_token, sign=run.client.sign, hide=run.console.redact.add)
