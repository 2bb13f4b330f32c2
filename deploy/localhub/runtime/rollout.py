"""The state of a Space as a value, and the stage that the Hub reports for it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from deploy.localhub.runtime.model import Stage
from deploy.localhub.runtime.record import Record

_FAILED = frozenset({Stage.BUILD_ERROR, Stage.RUNTIME_ERROR})
_LASTING = _FAILED | {Stage.PAUSED}
"""Stages that a Hub that starts finds and leaves as they are."""


class Phase(Enum):
    """What is being done now."""

    IDLE = "idle"
    BUILDING = "building"
    STARTING = "starting"


@dataclass(frozen=True, kw_only=True)
class Ending:
    """Why the newest attempt does not serve: it failed, or the Space was halted."""

    stage: Stage
    sha: str | None
    message: str | None = None

    @property
    def failed(self) -> bool:
        return self.stage in _FAILED


@dataclass(frozen=True, kw_only=True)
class Rollout:
    """`wished` is the commit being built or started, `serving` the one that visitors get."""

    phase: Phase = Phase.IDLE
    wished: str | None = None
    serving: str | None = None
    ending: Ending | None = None

    @classmethod
    def remembered(cls, record: Record) -> Rollout:
        """What is true when a Hub starts: nothing runs, and a pause or a failure is still one."""
        if record.stage not in _LASTING:
            return cls()
        ending = Ending(stage=Stage(record.stage), sha=record.sha, message=record.error_message)
        return cls(wished=record.wished, ending=ending)

    @property
    def stage(self) -> Stage:
        """An older revision goes on serving while a newer one is built and started, and when that one fails.

        What the Hub serves after a failed build is not documented. It reports the failure, for the commit that
        failed, and here the older revision stays reachable until a newer one answers, or a pause or its own end.
        """
        match self.phase:
            case Phase.BUILDING:
                return Stage.RUNNING_BUILDING if self.serving else Stage.BUILDING
            case Phase.STARTING:
                return Stage.RUNNING_APP_STARTING if self.serving else Stage.APP_STARTING
        if self.ending:
            return self.ending.stage
        return Stage.RUNNING if self.serving else Stage.STOPPED

    @property
    def sha(self) -> str | None:
        """The commit the stage is about: while something serves and the next is in the making, the old one."""
        if self.phase is Phase.IDLE:
            return self.ending.sha if self.ending else self.serving
        return self.serving or self.wished

    @property
    def error_message(self) -> str | None:
        return self.ending.message if self.phase is Phase.IDLE and self.ending else None
