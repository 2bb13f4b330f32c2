"""What a Space reports to the Hub, and remembers on disk, whenever the state of its rollout changes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from deploy.localhub.runtime.faults import Faults
from deploy.localhub.runtime.model import RuntimeState, Stage
from deploy.localhub.runtime.record import Built, Record
from deploy.localhub.runtime.rollout import Ending, Rollout


class Reporter:
    """Used under the lock of its Space. `announce` gets each state that differs from the one before."""

    def __init__(
        self, record: Record, path: Path, *, port: int, faults: Faults, announce: Callable[[RuntimeState], None]
    ) -> None:
        self._path = path
        self._port = port
        self._faults = faults
        self._announce = announce
        self._stale_sha: str | None = None
        self.rollout = Rollout.remembered(record)
        self.record = record
        self._state = self.state()
        self._save(replace(record, port=port))

    def state(self) -> RuntimeState:
        if self._stale_sha is not None:
            return RuntimeState(stage=Stage.RUNNING, sha=self._stale_sha, error_message=None, port=self._port)
        rollout = self.rollout
        return RuntimeState(stage=rollout.stage, sha=rollout.sha, error_message=rollout.error_message, port=self._port)

    def change(self, rollout: Rollout, *, built: Built | None = None) -> None:
        """This is the rollout now; `built` is the newest revision that served, if it is another."""
        self.rollout = rollout
        self.refresh()
        self._save(
            Record(
                port=self._port,
                stage=rollout.stage,
                sha=rollout.sha,
                error_message=rollout.error_message,
                wished=rollout.wished,
                built=built or self.record.built,
            )
        )

    def refresh(self) -> None:
        """See what the faults make of it."""
        if "stale_running" not in self._faults:
            self._stale_sha = None
        elif self._stale_sha is None and self.rollout.stage is Stage.RUNNING:
            self._stale_sha = self.rollout.sha
        state = self.state()
        if state != self._state:
            self._state = state
            self._announce(state)

    def forget(self) -> None:
        """The Space is deleted: nothing of it stays on disk."""
        self.rollout = Rollout(ending=Ending(stage=Stage.STOPPED, sha=None))
        self.record = Record(port=self._port)
        self._path.unlink(missing_ok=True)
        self.refresh()

    def _save(self, record: Record) -> None:
        if record != self.record:
            self.record = record
            record.write(self._path)
