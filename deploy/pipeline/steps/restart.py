"""restart: the Space starts anew, with or without a new build."""

from __future__ import annotations

from deploy.pipeline.run import Run
from deploy.space.apply import apply
from deploy.space.changes import Restart
from deploy.space.model import SpaceInfo


def restart(run: Run, info: SpaceInfo, *, factory: bool = False, note: str = "") -> None:
    """Ask for it; that it serves again is what `wait` is for."""
    with run.console.step("restart") as step:
        apply(run.client, [Restart(stage=info.runtime.stage, factory=factory)], run.journal)
        step.note(note)
