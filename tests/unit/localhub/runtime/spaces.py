"""A supervisor under test: what is deployed to it, what it reports, what visitors get."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal
from urllib.error import HTTPError
from urllib.request import urlopen

from deploy.localhub.runtime.model import RuntimeState, SpaceBuild, Stage
from deploy.localhub.runtime.router import StopTimeouts
from deploy.localhub.runtime.runner import Runner
from deploy.localhub.runtime.supervision import SpaceRuntime
from deploy.localhub.runtime.supervisor import Supervisor

SPACE = "local/tasks"
PATIENCE_SECONDS = 60.0
"""Only what is broken takes this long."""


class News:
    """What a supervisor reported; `history` is all of it in order, stages with the first letter of their commit."""

    def __init__(self) -> None:
        self.states: list[RuntimeState] = []
        self.history: list[tuple[str, str | None]] = []
        self._changed = threading.Condition()

    def __call__(self, _space_id: str, state: RuntimeState) -> None:
        with self._changed:
            self.states.append(state)
            self.history.append((state.stage, state.sha and state.sha[0]))
            self._changed.notify_all()

    def wait(self, stage: Stage, commit: str | None) -> RuntimeState:
        """The first such state that is reported from the last wait on; fails the test when none comes."""
        with self._changed:
            assert self._changed.wait_for(lambda: self._find(stage, commit), PATIENCE_SECONDS), self.history
            state = self._find(stage, commit)
            assert state
            del self.states[: self.states.index(state)]
            return state

    def _find(self, stage: Stage, commit: str | None) -> RuntimeState | None:
        return next((state for state in self.states if (state.stage, state.sha) == (stage, commit)), None)


class Spaces:
    """A supervisor on a home that outlives it."""

    def __init__(
        self,
        home: Path,
        *,
        kind: Literal["docker", "process"] = "process",
        runner: Runner | None = None,
        drain: float = 10.0,
    ) -> None:
        self.home = home
        self._drain = drain
        self._kind = kind
        self.open(runner)

    def open(self, runner: Runner | None = None) -> None:
        self.news = News()
        timeouts = StopTimeouts(drain=self._drain, grace=1.0)
        self.supervisor = Supervisor(self.home, kind=self._kind, on_change=self.news, timeouts=timeouts, runner=runner)

    @property
    def space(self) -> SpaceRuntime:
        """The one that most tests have."""
        return self.supervisor.space(SPACE)

    def build(self, of: str, files: dict[str, str] | None = None, **settings: Any) -> SpaceBuild:
        """A commit with a Dockerfile and these files."""
        settings = {"space_id": SPACE, **settings}
        return SpaceBuild(commit=of, folder=self._checkout(of, files or {}), **settings)

    def serve(self, of: str, files: dict[str, str] | None = None, **settings: Any) -> None:
        build = self.build(of, files, **settings)
        self.supervisor.space(build.space_id).deploy(build)
        self.news.wait(Stage.RUNNING, of)

    def visit(self, path: str = "/", space: str = SPACE) -> str:
        """What a visitor gets: the app's answer, or the status of the page in its place."""
        try:
            with urlopen(self.supervisor.space(space).address + path, timeout=10) as answer:
                text: str = answer.read().decode()
                return text
        except HTTPError as error:
            with error:
                return str(error.code)

    def log(self, kind: Literal["build", "run"], space: str = SPACE) -> str:
        return "".join(event.data for event in self.supervisor.space(space).log(kind).read(0))

    def checkouts(self) -> list[Path]:
        """Those that the runtime keeps."""
        return list((self.home / "spaces" / SPACE / "revisions").iterdir())

    def _checkout(self, of: str, files: dict[str, str]) -> Path:
        made = self.home / "checkouts"
        folder = made / f"{of[:7]}-{len(list(made.glob('*')))}-{time.monotonic_ns()}"
        folder.mkdir(parents=True)
        for name, text in {"Dockerfile": 'FROM python:3.13-slim\nCMD ["python", "main.py"]\n', **files}.items():
            (folder / name).write_text(text)
        return folder


def commit(letter: str) -> str:
    return letter * 40


def until(true: Callable[[], object]) -> None:
    """Wait for something that nobody announces."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.01)
