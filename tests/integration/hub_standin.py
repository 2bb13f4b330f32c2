"""A Hub whose Spaces are pretended: nothing is built, stages pass within moments. `hub_fixtures` runs it.

With the fault `stuck_build` a Space stays in the stage it is in until the fault is taken back.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import threading
from collections.abc import Callable
from pathlib import Path

from deploy.localhub.hardware import Size
from deploy.localhub.process.server import serve
from deploy.localhub.runtime.logs.stream import LogStream
from deploy.localhub.runtime.model import Reading, RuntimeState, SpaceBuild, Usage, UsageUnknown
from deploy.localhub.supervision import LogKind

STEP = 0.05
"""Seconds a pretended build takes, and a start."""
FIRST_PORT = 20_000


class StandIn:
    """Remembers what it was told. A build writes its names, never its values, into the build log."""

    def __init__(self, on_change: Callable[[str, RuntimeState], None]) -> None:
        self._on_change = on_change
        self._states: dict[str, RuntimeState] = {}
        self._ports: dict[str, int] = {}
        self._faults: dict[str, dict[str, object]] = {}
        self._logs: dict[tuple[str, str], LogStream] = {}
        self._turns: dict[str, int] = {}
        self._changed = threading.Condition()

    def deploy(self, build: SpaceBuild) -> None:
        self._run(build)

    def restart(self, _space_id: str, build: SpaceBuild, _factory: bool = False) -> None:
        self._run(build)

    def resume(self, build: SpaceBuild, serve_only: bool = True) -> None:
        assert serve_only
        shutil.rmtree(build.folder)
        self._enter(build.space_id, "RUNNING", build.commit)

    def show(self, space_id: str, *, private: bool) -> None:
        pass

    def pause(self, space_id: str) -> None:
        with self._changed:
            self._begin_turn(space_id)
            self._enter(space_id, "PAUSED", None)

    def stop(self, space_id: str) -> None:
        with self._changed:
            self._begin_turn(space_id)
            self._states.pop(space_id, None)

    def close(self) -> None:
        for log in self._logs.values():
            log.close()

    def state(self, space_id: str) -> RuntimeState:
        stopped = RuntimeState(stage="STOPPED", sha=None, error_message=None, port=self._port(space_id))
        return self._states.get(space_id, stopped)

    def address(self, space_id: str) -> str:
        return f"http://127.0.0.1:{self._port(space_id)}"

    def log(self, space_id: str, kind: LogKind) -> LogStream:
        return self._logs.setdefault((space_id, kind), LogStream())

    def usage(self, space_id: str) -> Reading:
        """What a test says by the fault that gives little memory; none is told of other Spaces."""
        if self.state(space_id).stage != "RUNNING":
            raise UsageUnknown("No app of this Space runs", running=False)
        given = self._faults.get(space_id, {}).get("little_memory")
        if given is None:
            raise UsageUnknown("Pretended apps use nothing")
        size = Size(memory=int(str(given)))
        return Reading(replica="one", usage=Usage(memory=size.memory // 2, cpu=1.0), size=size)

    def fault(self, space_id: str, name: str, value: object) -> None:
        with self._changed:
            self._faults.setdefault(space_id, {})[name] = value
            self._changed.notify_all()

    def _run(self, build: SpaceBuild) -> None:
        with self._changed:
            files = sorted(str(path.relative_to(build.folder)) for path in build.folder.rglob("*") if path.is_file())
            shutil.rmtree(build.folder)
            turn = self._begin_turn(build.space_id)
            before = self._states.get(build.space_id)
            serving = before.sha if before and before.stage.startswith("RUNNING") else None
            log = self._logs[build.space_id, "build"] = LogStream()
            log.append(f"turn {turn}\n")
            log.append(f"commit {build.commit}\n")
            log.append(f"files {' '.join(files)}\n")
            log.append(f"names {' '.join(sorted({*build.variables, *build.secrets, *build.environment}))}\n")
            self._enter(build.space_id, "RUNNING_BUILDING" if serving else "BUILDING", serving or build.commit)
        threading.Thread(target=self._pass_stages, args=(build, turn, serving, log), daemon=True).start()

    def _pass_stages(self, build: SpaceBuild, turn: int, serving: str | None, log: LogStream) -> None:
        starting = "RUNNING_APP_STARTING" if serving else "APP_STARTING"
        for stage, sha in ((starting, serving or build.commit), ("RUNNING", build.commit)):
            threading.Event().wait(STEP)
            with self._changed:
                self._changed.wait_for(lambda: not self._is_stuck(build.space_id, turn))
                if self._turns[build.space_id] == turn:
                    self._enter(build.space_id, stage, sha)
        log.append("done\n")
        log.close()
        self.log(build.space_id, "run").append(f"serving {build.commit}\n")

    def _begin_turn(self, space_id: str) -> int:
        """What the turn before it did comes to nothing, stuck or not."""
        self._turns[space_id] = self._turns.get(space_id, 0) + 1
        self._changed.notify_all()
        return self._turns[space_id]

    def _is_stuck(self, space_id: str, turn: int) -> bool:
        return self._turns[space_id] == turn and bool(self._faults.get(space_id, {}).get("stuck_build"))

    def _enter(self, space_id: str, stage: str, sha: str | None) -> None:
        state = RuntimeState(stage=stage, sha=sha, error_message=None, port=self._port(space_id))
        self._states[space_id] = state
        self._on_change(space_id, state)

    def _port(self, space_id: str) -> int:
        return self._ports.setdefault(space_id, FIRST_PORT + len(self._ports))


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--port", type=int, required=True)
    asked = parser.parse_args()
    return serve(asked.home, asked.port, "process", lambda _home, on_change: StandIn(on_change))


if __name__ == "__main__":
    sys.exit(main())
