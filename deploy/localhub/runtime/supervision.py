"""What the Hub asks of the runtime that builds and runs Spaces; `supervisor.Supervisor` does it."""

from __future__ import annotations

from typing import Literal, Protocol

from deploy.localhub.runtime.logs.stream import LogStream
from deploy.localhub.runtime.model import Reading, RuntimeState, SpaceBuild

LogKind = Literal["build", "run"]


class SpaceRuntime(Protocol):
    """One Space. All methods are thread-safe and, but for `usage`, return at once; what they start shows in `state`."""

    @property
    def address(self) -> str:
        """Where the app is reached, from the first question on and over restarts of the Hub."""

    def deploy(self, build: SpaceBuild) -> None:
        """Build and run a commit; what is in the making is given up."""

    def restart(self, build: SpaceBuild, *, factory: bool = False) -> None:
        """Run the commit again with the settings it comes with, also after a pause; `factory` builds it anew."""

    def resume(self, build: SpaceBuild) -> None:
        """Go on where an earlier Hub ended: a paused Space stays so, a failure stays reported."""

    def pause(self) -> None: ...

    def stop(self) -> None:
        """The Space is deleted: end it and forget it; its port is kept for one of the same name."""

    def show(self, *, private: bool) -> None:
        """Change who may visit, without a restart."""

    def state(self) -> RuntimeState: ...

    def log(self, kind: LogKind) -> LogStream:
        """The newest build's or run's log; a new build or run closes it and has another."""

    def usage(self) -> Reading:
        """What the app that visitors get uses now, and may use; takes a moment. Raises UsageUnknown."""

    def fault(self, name: str, value: object) -> None:
        """Make the runtime misbehave, see faults.py; None ends it. Raises ValueError for what is no fault."""


class Supervision(Protocol):
    """All Spaces of a Hub."""

    def space(self, space_id: str) -> SpaceRuntime: ...

    def close(self) -> None:
        """Stop everything that was started, and return when it is gone."""
