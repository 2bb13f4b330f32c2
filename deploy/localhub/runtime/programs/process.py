"""Spaces without a Docker engine: each app is a process of this machine, in a virtual environment of its own."""

from __future__ import annotations

import os
import shutil
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path

from deploy.localhub.runtime.model import AttemptFailed, Exit, SpaceBuild, Stage, Usage, UsageUnknown
from deploy.localhub.runtime.ports import free_port
from deploy.localhub.runtime.programs import child, environment, launch
from deploy.localhub.runtime.programs.appspec import AppSpec, read_spec
from deploy.localhub.runtime.programs.processes import descendants, listening_ports, usage
from deploy.localhub.runtime.programs.pythons import Python, python_for
from deploy.localhub.runtime.programs.venvs import Venvs
from deploy.localhub.runtime.runner import Cancellation, Write


class ProcessRunner:
    """Implements `runner.Runner`; the reference to a build is the path of its virtual environment."""

    def __init__(self, home: Path) -> None:
        self._records = home / "processes"
        self._scratch = home / "scratch"
        self._venvs = Venvs(folder=home / "venvs", records=self._records, environ=os.environ)
        self._ports: set[int] = set()
        self._lock = threading.Lock()

    def build(self, build: SpaceBuild, write: Write, cancellation: Cancellation, *, fresh: bool) -> str:
        spec = read_spec(build.folder)
        python = python_for(spec.python, os.environ)
        for line in _notices(spec, python, build.app_port):
            write(f"{line}\n")
        venv = self._venvs.provide(
            python, spec.requirements, cwd=build.folder, write=write, cancellation=cancellation, fresh=fresh
        )
        return str(venv)

    def exists(self, reference: str) -> bool:
        return self._venvs.ready(Path(reference))

    def start(self, build: SpaceBuild, reference: str, write: Write, on_exit: Callable[[], None]) -> ProcessInstance:
        spec = read_spec(build.folder)
        programs = Path(reference) / "bin"
        self._scratch.mkdir(parents=True, exist_ok=True)
        scratch = Path(tempfile.mkdtemp(dir=self._scratch))
        for name in ("home", "tmp"):
            (scratch / name).mkdir()
        place = launch.Place(
            checkout=build.folder, programs=programs, scratch=scratch, port=self._port(), app_port=build.app_port
        )
        base = environment.for_app(os.environ, programs)
        try:
            started = child.Child(
                launch.command(spec.start, spec.final.workdir, place),
                cwd=build.folder,
                env=launch.environment(spec.final, base, build.run_environment, place),
                write=write,
                records=self._records,
                on_exit=on_exit,
            )
        except OSError as error:
            raise AttemptFailed(Stage.RUNTIME_ERROR, f"The app cannot be started: {error}") from error
        return ProcessInstance(started, place, release=self._ports.discard)

    def prune(self, space_id: str, keep: tuple[str, ...]) -> None:
        """Nothing: environments are shared between Spaces, and old ones go when the Hub starts."""

    def sweep(self) -> None:
        self.close()
        self._venvs.prune()

    def close(self) -> None:
        child.sweep(self._records)
        shutil.rmtree(self._scratch, ignore_errors=True)

    def _port(self) -> int:
        """A free port that no app was told that has not taken it yet."""
        with self._lock:
            while (port := free_port()) in self._ports:
                pass
            self._ports.add(port)
            return port


class ProcessInstance:
    """Implements `runner.Instance`."""

    keeps_folder = True

    def __init__(self, started: child.Child, place: launch.Place, *, release: Callable[[int], None]) -> None:
        self._child = started
        self._place = place
        self._release = release
        self._own_port = False

    @property
    def own_port(self) -> bool:
        return self._own_port

    def ports(self) -> tuple[int, ...]:
        """The port it was told, or the Space's own if it listens there: then it was not asked to share."""
        self._own_port = self._place.port not in (found := self._listening()) and self._place.app_port in found
        return (self._place.app_port,) if self._own_port else (self._place.port,)

    def exit(self) -> Exit | None:
        code = self._child.code
        return None if code is None else Exit(code=code)

    def silence(self) -> str:
        found = self._listening()
        if not found:
            return "the app listens on no port"
        listed = ", ".join(map(str, found))
        return f"the app listens on {listed}, and visitors of the Space come to {self._place.app_port} (app_port)"

    def usage(self) -> Usage:
        """Of the app and all that it started; its reaper is the Hub's own."""
        found = usage(descendants(self._child.pid)[1:])
        if found is None:
            raise UsageUnknown("This machine does not tell what the processes of an app use")
        return found

    def stop(self, grace: float) -> None:
        self._child.stop(grace)
        self._release(self._place.port)
        shutil.rmtree(self._place.scratch, ignore_errors=True)

    def _listening(self) -> tuple[int, ...]:
        return listening_ports(descendants(self._child.pid))


def _notices(spec: AppSpec, python: Python, app_port: int) -> list[str]:
    """What the build log says first, so that nobody takes this for a container."""
    notices = [
        "No Docker engine is used: this Space runs as a process of this machine, in a virtual environment.",
        "Not emulated: base image, RUN, COPY, build arguments and secrets, user 1000, memory and CPU limits, own disk.",
        f"PORT is set to a free port; a real Space sets none and sends visitors to {app_port}.",
    ]
    if python.version != spec.python:
        wanted = f"of the image ({spec.image})"
        notices.append(f"Python {python.version} of this machine is used in place of that {wanted}.")
    return notices
