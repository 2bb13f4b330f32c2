"""lock: that the image installs what requirements.in asks for, before anything is built."""

from __future__ import annotations

from deploy import lock
from deploy.errors import LockError
from deploy.lock.files import INPUT
from deploy.pipeline.run import Run


def check_lock(run: Run) -> None:
    """What the image installs is what requirements.in asks for. Raises LockError."""
    with run.console.step("lock") as step:
        if not (run.config.source.path / INPUT).is_file():
            step.skip(f"there is no {INPUT} to compare with")
            return
        verdict = lock.check(lock.source_lock(run.config), on_line=step.line)
        if not verdict.is_fresh:
            raise LockError(
                f"{verdict.lock_file.name} is out of date. Nothing was changed.",
                cause=f"{verdict.lock_file.name} is not what its requirements.in asks for",
                next_step="invoke lock, then commit the result",
                details=tuple(f"{stale.file}:{stale.line} {stale.what}" for stale in verdict.stale),
            )
        step.note("up to date")
