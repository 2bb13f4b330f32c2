"""A runner whose builds and apps do what a test says, in the test's own process."""

from __future__ import annotations

import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from deploy.localhub.runtime.model import Exit, SpaceBuild, Usage
from deploy.localhub.runtime.runner import Cancellation, Write


class App:
    """An app that answers its commit, until it is stopped or told to crash; at /slow when it is told to.

    Implements `runner.Instance`.
    """

    keeps_folder = True
    own_port = False

    def __init__(self, build: SpaceBuild, write: Write, on_exit: Callable[[], None]) -> None:
        self.build = build
        self.write = write
        self.stopped = threading.Event()
        self.visited = threading.Event()
        self.answer_slow = threading.Event()
        self.tell: Callable[[], Usage] = lambda: Usage(memory=1_000, cpu=2.0)
        self._on_exit = on_exit
        self._exit: Exit | None = None
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(build.commit.encode(), self))
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()

    def ports(self) -> tuple[int, ...]:
        return (self._server.server_port,)

    def exit(self) -> Exit | None:
        return self._exit

    def silence(self) -> str:
        return "it is a stand-in"

    def usage(self) -> Usage:
        return self.tell()

    def crash(self, code: int) -> None:
        self._close()
        self._exit = Exit(code=code)
        self._on_exit()

    def stop(self, grace: float) -> None:
        self.stopped.set()
        self._close()

    def _close(self) -> None:
        self.answer_slow.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class Runner:
    """Implements `runner.Runner`. A commit in `held` is built when `release` is called for it."""

    def __init__(self) -> None:
        self.built: list[str] = []
        self.fresh: list[str] = []
        self.apps: list[App] = []
        self.pruned: list[tuple[str, tuple[str, ...]]] = []
        self.broken: dict[str, Exception] = {}
        self.closed = 0
        self._held: dict[str, threading.Event] = {}
        self._stubborn: set[str] = set()
        self.entered = threading.Event()

    def hold(self, commit: str, *, stubborn: bool = False) -> None:
        """A stubborn build does not notice that it is cancelled."""
        self._held[commit] = threading.Event()
        self._stubborn |= {commit} if stubborn else set()

    def release(self, commit: str) -> None:
        self._held[commit].set()

    def build(self, build: SpaceBuild, write: Write, cancellation: Cancellation, *, fresh: bool) -> str:
        self.built.append(build.commit)
        self.entered.set()
        if fresh:
            self.fresh.append(build.commit)
        write(f"building {build.commit}\n")
        while (held := self._held.get(build.commit)) and not held.wait(0.005):
            if build.commit not in self._stubborn:
                cancellation.check()
        if build.commit in self.broken:
            raise self.broken[build.commit]
        return f"image of {build.commit}"

    def exists(self, reference: str) -> bool:
        return reference in {f"image of {commit}" for commit in self.built}

    def start(self, build: SpaceBuild, reference: str, write: Write, on_exit: Callable[[], None]) -> App:
        write(f"starting {reference}\n")
        self.apps.append(App(build, write, on_exit))
        return self.apps[-1]

    def prune(self, space_id: str, keep: tuple[str, ...]) -> None:
        self.pruned.append((space_id, keep))

    def sweep(self) -> None:
        """Nothing is left of an earlier one."""

    def close(self) -> None:
        self.closed += 1


def _handler(answer: bytes, app: App) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path == "/slow":
                app.visited.set()
                app.answer_slow.wait(60)
            self.send_response(200)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 # the base class calls it so
            """Not in the tests' output."""

    return Handler
