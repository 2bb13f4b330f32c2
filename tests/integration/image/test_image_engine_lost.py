"""An engine that is not there, or goes away half-way: a door to the real one that can be shut at any moment."""

from __future__ import annotations

import gc
import os
import secrets
import socket
import socketserver
import tempfile
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest

from deploy.errors import EngineUnavailable
from deploy.image.boot import Serving
from deploy.image.engine import BuildRequest, Engine
from deploy.image.leftovers import RUN
from deploy.image.smoke import smoke_image
from tests.integration.image.conftest import Sample

ENGINE_SOCKET = os.environ.get("DOCKER_HOST", "unix:///var/run/docker.sock").removeprefix("unix://")


class Door(socketserver.ThreadingUnixStreamServer):
    """Passes bytes between its own socket and the engine's until it is shut."""

    daemon_threads = True

    def __init__(self, place: Path) -> None:
        super().__init__(str(place), _Passage)
        self.place = place
        self.open_sockets: list[socket.socket] = []
        self._thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05})
        self._thread.start()

    def shut(self) -> None:
        """From the side of a client, what an engine does that is killed."""
        if not self.place.exists():
            return
        self.place.unlink()
        self.shutdown()
        self._thread.join()
        self.server_close()
        for one in self.open_sockets:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)


class _Passage(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        assert isinstance(self.server, Door)
        with socket.socket(socket.AF_UNIX) as engine:
            engine.connect(ENGINE_SOCKET)
            self.server.open_sockets += [self.request, engine]
            back = threading.Thread(target=_pass_on, args=(engine, self.request))
            back.start()
            _pass_on(self.request, engine)
            back.join()


def _pass_on(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)


@pytest.fixture
def door(docker: Engine) -> Iterator[Door]:
    # Not below tmp_path: the address of such a socket holds about a hundred characters.
    with tempfile.TemporaryDirectory() as folder:
        opened = Door(Path(folder) / "engine.sock")
        yield opened
        opened.shut()


@pytest.fixture
def remote(door: Door) -> Iterator[Engine]:
    with closing(Engine.connect({**os.environ, "DOCKER_HOST": f"unix://{door.place}"})) as engine:
        yield engine


def lost(action: Callable[[], object]) -> EngineUnavailable:
    """The error of `action`. The SDK leaves the socket of a connection it did not get to the garbage collector."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        try:
            action()
        except EngineUnavailable as error:
            found = EngineUnavailable(error.what, cause=error.cause, next_step=error.next_step, details=error.details)
        else:
            pytest.fail("the engine was there")
        gc.collect()
    return found


def test_without_an_engine_the_cause_and_the_next_command_are_told(tmp_path: Path) -> None:
    error = lost(lambda: Engine.connect({**os.environ, "DOCKER_HOST": f"unix://{tmp_path}/none.sock"}))
    assert error.what.startswith("No Docker engine answers at DOCKER_HOST=")
    assert "not installed, or not started" in (error.cause or "")
    assert "start Docker" in (error.next_step or "")


def test_an_engine_that_stops_during_a_build_is_told_from_a_build_that_fails(
    remote: Engine, door: Door, tmp_path: Path
) -> None:
    (tmp_path / "Dockerfile").write_text(
        f"FROM python:3.13-slim\nRUN : {secrets.token_hex(8)} && echo on && sleep 60\n"
    )

    def shut_when_it_sleeps(line: str) -> None:
        if line.endswith(" on"):
            door.shut()

    request = BuildRequest(context=tmp_path, tag="spacewright-test/lost:1", timeout=60.0)
    error = lost(lambda: remote.build(request, shut_when_it_sleeps))
    assert "stopped answering during the build" in error.what
    assert any(line.endswith(" on") for line in error.details)


def test_an_engine_that_stops_during_a_smoke_test_is_told(
    docker: Engine, remote: Engine, door: Door, sample: Sample
) -> None:
    runs: list[str] = []

    def shut(serving: Serving) -> None:
        runs.extend(labels[RUN] for container, labels in docker.labelled(RUN) if container == serving.container.id)
        door.shut()

    try:
        error = lost(lambda: smoke_image(remote, sample.request(), while_serving=shut))
    finally:
        left = sum(docker.remove_labelled(f"{RUN}={run}") for run in runs)
    assert "stopped answering" in error.what
    assert left == 1
