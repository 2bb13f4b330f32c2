"""What the server asks of the runtime that builds and runs Spaces; `runtime.Supervisor` does it."""

from __future__ import annotations

from typing import Literal, Protocol

from deploy.localhub.runtime.logs import LogStream
from deploy.localhub.runtime.model import Reading, RuntimeState, SpaceBuild

LogKind = Literal["build", "run"]

RUNTIME_FAULTS = ("stuck_build", "stale_running", "crash_at_boot", "slow_build", "little_memory")


class Supervision(Protocol):
    """All methods are thread-safe and return at once; what they start shows in `state`."""

    def deploy(self, build: SpaceBuild) -> None: ...

    def restart(self, space_id: str, build: SpaceBuild, factory: bool = False) -> None: ...

    def pause(self, space_id: str) -> None: ...

    def stop(self, space_id: str) -> None: ...

    def show(self, space_id: str, *, private: bool) -> None: ...

    def resume(self, build: SpaceBuild, serve_only: bool = True) -> None: ...

    def close(self) -> None: ...

    def state(self, space_id: str) -> RuntimeState: ...

    def address(self, space_id: str) -> str: ...

    def log(self, space_id: str, kind: LogKind) -> LogStream: ...

    def usage(self, space_id: str) -> Reading:
        """Raises UsageUnknown."""

    def fault(self, space_id: str, name: str, value: object) -> None: ...
