"""A supervisor that only writes down what it and all of its Spaces are told."""

from __future__ import annotations

from dataclasses import dataclass, field

from deploy.localhub.runtime.logs.stream import LogStream
from deploy.localhub.runtime.model import Reading, RuntimeState, SpaceBuild, UsageUnknown
from deploy.localhub.runtime.supervision import LogKind


@dataclass
class Recorder:
    """`stage` is what it reports of every Space."""

    stage: str = "RUNNING"
    told: list[str] = field(default_factory=list)
    builds: list[SpaceBuild] = field(default_factory=list)

    address = "http://127.0.0.1:1"

    def space(self, _space_id: str) -> Recorder:
        return self

    def deploy(self, build: SpaceBuild) -> None:
        self.told.append("deploy")
        self.builds.append(build)

    def restart(self, build: SpaceBuild, *, factory: bool = False) -> None:
        self.told.append("factory" if factory else "restart")
        self.builds.append(build)

    def resume(self, build: SpaceBuild) -> None:
        self.told.append("resume")
        self.builds.append(build)

    def pause(self) -> None:
        self.told.append("pause")

    def stop(self) -> None:
        self.told.append("stop")

    def show(self, *, private: bool) -> None:
        self.told.append(f"show {private}")

    def close(self) -> None:
        self.told.append("close")

    def state(self) -> RuntimeState:
        return RuntimeState(stage=self.stage, sha=None, error_message=None, port=1)

    def log(self, _kind: LogKind) -> LogStream:
        return LogStream()

    def fault(self, _name: str, _value: object) -> None:
        pass

    def usage(self) -> Reading:
        raise UsageUnknown("Nothing runs here", running=False)
