"""The Spaces that run on this Hub, each with its address, behind one door."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Literal

from anyio.from_thread import start_blocking_portal

from deploy.localhub.runtime.model import RuntimeState
from deploy.localhub.runtime.router import StopTimeouts
from deploy.localhub.runtime.runner import Runner
from deploy.localhub.runtime.space import Space

OnChange = Callable[[str, RuntimeState], None]
_DEFAULT_TIMEOUTS = StopTimeouts()


class Supervisor:
    """Builds, runs and watches Spaces.

    `on_change` gets each change of a reported state in order, from a thread of the supervisor's own.
    What an earlier supervisor on the same home left running is removed first.
    """

    def __init__(
        self,
        home: Path,
        *,
        kind: Literal["docker", "process"],
        on_change: OnChange,
        timeouts: StopTimeouts = _DEFAULT_TIMEOUTS,
        runner: Runner | None = None,
    ) -> None:
        self._home = home
        self._timeouts = timeouts
        self._runner = runner or _runner(kind, home)
        self._runner.sweep()
        self._spaces: dict[str, Space] = {}
        self._lock = threading.Lock()
        self._closed = False
        self._ends = ExitStack()
        self._loop = self._ends.enter_context(start_blocking_portal(name="proxies"))
        self._news: queue.SimpleQueue[tuple[str, RuntimeState] | None] = queue.SimpleQueue()
        self._announcer = threading.Thread(target=self._tell, args=(on_change,), name="news of Spaces", daemon=True)
        self._announcer.start()

    def space(self, space_id: str) -> Space:
        """The one of that id, which has its address from now on."""
        with self._lock:
            if space_id not in self._spaces:
                space = Space(
                    space_id,
                    home=self._home,
                    runner=self._runner,
                    announce=partial(self._announce, space_id),
                    timeouts=self._timeouts,
                )
                self._loop.call(space.proxy.open)
                self._spaces[space_id] = space
            return self._spaces[space_id]

    def close(self) -> None:
        """Stop everything that was started, and return when it is gone. Closing twice is once."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
            spaces = tuple(self._spaces.values())
        for space in spaces:
            space.close()
        for space in spaces:
            space.join()
            self._loop.call(space.proxy.close)
        self._ends.close()
        self._news.put(None)
        self._announcer.join()
        self._runner.close()

    def _announce(self, space_id: str, state: RuntimeState) -> None:
        self._news.put((space_id, state))

    def _tell(self, on_change: OnChange) -> None:
        while (news := self._news.get()) is not None:
            on_change(*news)


def _runner(kind: Literal["docker", "process"], home: Path) -> Runner:
    if kind == "docker":
        from deploy.localhub.runtime.containers.docker import DockerRunner

        return DockerRunner(home)
    from deploy.localhub.runtime.programs.process import ProcessRunner

    return ProcessRunner(home)
