"""A Hub whose Spaces are pretended: nothing is built, stages pass within moments. `hub_fixtures` runs it.

With the fault `stuck_build` a Space stays in the stage it is in until the fault is taken back.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path

from deploy.localhub.hardware import Size
from deploy.localhub.process.server import serve
from deploy.localhub.runtime.logs.stream import LogStream
from deploy.localhub.runtime.model import Reading, RuntimeState, SpaceBuild, Usage, UsageUnknown
from deploy.localhub.runtime.supervision import LogKind

STEP = 0.05
"""Seconds a pretended build takes, and a start."""
FIRST_PORT = 20_000


class StandInSpace:
    """Remembers what it was told. A build writes its names, never its values, into the build log."""

    def __init__(self, port: int, on_change: Callable[[RuntimeState], None]) -> None:
        self.address = f"http://127.0.0.1:{port}"
        self._port = port
        self._on_change = on_change
        self._state = self._described("STOPPED", None)
        self._faults: dict[str, object] = {}
        self._logs: dict[LogKind, LogStream] = {"build": LogStream(), "run": LogStream()}
        self._turn = 0
        self._changed = threading.Condition()

    def deploy(self, build: SpaceBuild) -> None:
        self._run(build)

    def restart(self, build: SpaceBuild, *, factory: bool = False) -> None:
        self._run(build)

    def resume(self, build: SpaceBuild) -> None:
        shutil.rmtree(build.folder)
        self._enter("RUNNING", build.commit)

    def show(self, *, private: bool) -> None:
        pass

    def pause(self) -> None:
        with self._changed:
            self._begin_turn()
            self._enter("PAUSED", None)

    def stop(self) -> None:
        with self._changed:
            self._begin_turn()
            self._state = self._described("STOPPED", None)

    def close(self) -> None:
        for log in self._logs.values():
            log.close()

    def state(self) -> RuntimeState:
        return self._state

    def log(self, kind: LogKind) -> LogStream:
        return self._logs[kind]

    def usage(self) -> Reading:
        """What a test says by the fault that gives little memory; none is told of other Spaces."""
        if self._state.stage != "RUNNING":
            raise UsageUnknown("No app of this Space runs", running=False)
        given = self._faults.get("little_memory")
        if given is None:
            raise UsageUnknown("Pretended apps use nothing")
        size = Size(memory=int(str(given)))
        return Reading(replica="one", usage=Usage(memory=size.memory // 2, cpu=1.0), size=size)

    def fault(self, name: str, value: object) -> None:
        with self._changed:
            self._faults[name] = value
            self._changed.notify_all()

    def _run(self, build: SpaceBuild) -> None:
        with self._changed:
            files = sorted(str(path.relative_to(build.folder)) for path in build.folder.rglob("*") if path.is_file())
            shutil.rmtree(build.folder)
            turn = self._begin_turn()
            serving = self._state.sha if self._state.stage.startswith("RUNNING") else None
            log = self._logs["build"] = LogStream()
            log.append(f"turn {turn}\n")
            log.append(f"commit {build.commit}\n")
            log.append(f"files {' '.join(files)}\n")
            log.append(f"names {' '.join(sorted({*build.variables, *build.secrets, *build.environment}))}\n")
            self._enter("RUNNING_BUILDING" if serving else "BUILDING", serving or build.commit)
        threading.Thread(target=self._pass_stages, args=(build, turn, serving, log), daemon=True).start()

    def _pass_stages(self, build: SpaceBuild, turn: int, serving: str | None, log: LogStream) -> None:
        starting = "RUNNING_APP_STARTING" if serving else "APP_STARTING"
        for stage, sha in ((starting, serving or build.commit), ("RUNNING", build.commit)):
            threading.Event().wait(STEP)
            with self._changed:
                self._changed.wait_for(lambda: self._turn != turn or not self._faults.get("stuck_build"))
                if self._turn == turn:
                    self._enter(stage, sha)
        log.append("done\n")
        log.close()
        self._logs["run"].append(f"serving {build.commit}\n")

    def _begin_turn(self) -> int:
        """What the turn before it did comes to nothing, stuck or not."""
        self._turn += 1
        self._changed.notify_all()
        return self._turn

    def _enter(self, stage: str, sha: str | None) -> None:
        self._state = self._described(stage, sha)
        self._on_change(self._state)

    def _described(self, stage: str, sha: str | None) -> RuntimeState:
        return RuntimeState(stage=stage, sha=sha, error_message=None, port=self._port)


class StandIn:
    """All Spaces, each with a port that nobody listens on."""

    def __init__(self, on_change: Callable[[str, RuntimeState], None]) -> None:
        self._on_change = on_change
        self._spaces: dict[str, StandInSpace] = {}
        self._lock = threading.Lock()

    def space(self, space_id: str) -> StandInSpace:
        with self._lock:
            if space_id not in self._spaces:
                port = FIRST_PORT + len(self._spaces)
                self._spaces[space_id] = StandInSpace(port, partial(self._on_change, space_id))
            return self._spaces[space_id]

    def close(self) -> None:
        for space in self._spaces.values():
            space.close()


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--port", type=int, required=True)
    asked = parser.parse_args()
    return serve(asked.home, asked.port, "process", lambda _home, on_change: StandIn(on_change))


if __name__ == "__main__":
    sys.exit(main())
