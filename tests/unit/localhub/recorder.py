"""A supervisor that only writes down what it is told."""

from __future__ import annotations

from dataclasses import dataclass, field

from deploy.localhub.runtime.logs.stream import LogStream
from deploy.localhub.runtime.model import Reading, RuntimeState, SpaceBuild, UsageUnknown
from deploy.localhub.supervision import LogKind


@dataclass
class Recorder:
    """`stage` is what it reports of every Space."""

    stage: str = "RUNNING"
    told: list[str] = field(default_factory=list)
    builds: list[SpaceBuild] = field(default_factory=list)

    def deploy(self, build: SpaceBuild) -> None:
        self.told.append("deploy")
        self.builds.append(build)

    def restart(self, _space_id: str, build: SpaceBuild, factory: bool = False) -> None:
        self.told.append("factory" if factory else "restart")
        self.builds.append(build)

    def pause(self, _space_id: str) -> None:
        self.told.append("pause")

    def stop(self, _space_id: str) -> None:
        self.told.append("stop")

    def show(self, _space_id: str, *, private: bool) -> None:
        self.told.append(f"show {private}")

    def resume(self, build: SpaceBuild, serve_only: bool = True) -> None:
        self.told.append(f"resume {serve_only}")
        self.builds.append(build)

    def close(self) -> None:
        self.told.append("close")

    def state(self, _space_id: str) -> RuntimeState:
        return RuntimeState(stage=self.stage, sha=None, error_message=None, port=1)

    def address(self, _space_id: str) -> str:
        return "http://127.0.0.1:1"

    def log(self, _space_id: str, _kind: LogKind) -> LogStream:
        return LogStream()

    def fault(self, _space_id: str, _name: str, _value: object) -> None:
        pass

    def usage(self, _space_id: str) -> Reading:
        raise UsageUnknown("Nothing runs here", running=False)
