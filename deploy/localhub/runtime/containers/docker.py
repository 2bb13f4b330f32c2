"""Spaces in a Docker engine: images built as the Hub builds them, containers that see what a Space's sees."""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import psutil

from deploy.errors import BuildFailed, EngineUnavailable
from deploy.image.engine import BuildRequest, Container, ContainerRequest, ContainerState, Engine
from deploy.localhub.runtime.containers import accounting
from deploy.localhub.runtime.model import (
    AttemptFailed,
    Exit,
    SpaceBuild,
    Stage,
    Superseded,
    Usage,
    UsageUnknown,
)
from deploy.localhub.runtime.runner import Cancellation, Write

BUILD_SECONDS = 3600.0
"""The Hub documents no limit; this one frees a machine from a build that hangs."""
_KEPT_IMAGES = 2
_POLL_SECONDS = 0.5


class DockerRunner:
    """Implements `runner.Runner`; the reference to a build is the tag of its image.

    Raises EngineUnavailable when it is made and no engine answers.
    """

    def __init__(self, home: Path) -> None:
        self._engine = Engine.connect(os.environ)
        self._hub = hashlib.sha256(str(home.resolve()).encode()).hexdigest()[:12]

    def build(self, build: SpaceBuild, write: Write, cancellation: Cancellation, *, fresh: bool) -> str:
        request = BuildRequest(
            context=build.folder,
            tag=f"{self.repository(build.space_id)}:{build.commit[:12]}-{secrets.token_hex(4)}",
            build_args=build.variables,
            secrets=build.secrets,
            labels=self.labels(build.space_id),
            timeout=BUILD_SECONDS,
            fresh=fresh,
        )
        _Building(self._engine, request, write, cancellation).wait()
        return request.tag

    def exists(self, reference: str) -> bool:
        try:
            return self._engine.find_image(reference) is not None
        except EngineUnavailable:
            # The build that follows says so in its log.
            return False

    def start(self, build: SpaceBuild, reference: str, write: Write, on_exit: Callable[[], None]) -> DockerInstance:
        request = ContainerRequest(
            image=reference,
            port=build.app_port,
            environment={**build.environment, **build.variables, **build.secrets},
            labels=self.labels(build.space_id),
            memory=build.size.memory,
            cpus=build.size.cpus,
        )
        try:
            container = self._engine.start(request)
        except EngineUnavailable as error:
            raise AttemptFailed(Stage.RUNTIME_ERROR, _sentence(error)) from error
        return DockerInstance(container, build, write, on_exit)

    def prune(self, space_id: str, keep: tuple[str, ...]) -> None:
        # Without an engine nothing can be removed; the next build that ends well does it.
        with suppress(EngineUnavailable):
            self._remove_images(space_id, keep)

    def _remove_images(self, space_id: str, keep: tuple[str, ...]) -> None:
        others = [tag for tag in self._engine.tags(self.repository(space_id)) if tag not in keep]
        spared = _KEPT_IMAGES - len(keep) if keep else 0
        for tag in others[spared:]:
            self._engine.remove_tag(tag)

    def sweep(self) -> None:
        self._engine.remove_labelled(f"spacewright.hub={self._hub}")

    def close(self) -> None:
        try:
            self.sweep()
        except EngineUnavailable:
            # Containers ended with their engine; what stayed of them, the next Hub removes.
            return
        finally:
            self._engine.close()

    def repository(self, space_id: str) -> str:
        """A name that Docker accepts, the same for the same Space of the same home and for no other."""
        slug = re.sub(r"[^a-z0-9]+", "-", space_id.lower()).strip("-")
        return f"spacewright-hub/{slug}-{hashlib.sha256(f'{self._hub} {space_id}'.encode()).hexdigest()[:8]}"

    def labels(self, space_id: str) -> dict[str, str]:
        return {"spacewright.hub": self._hub, "spacewright.space": space_id}


class _Building:
    """A build in a thread of its own. The engine's client ends it at the next line it prints; a step that prints
    nothing is ended by ending the client, which is known by the tag on its command line."""

    def __init__(self, engine: Engine, request: BuildRequest, write: Write, cancellation: Cancellation) -> None:
        self._engine = engine
        self._request = request
        self._write = write
        self._cancellation = cancellation
        self._failure: AttemptFailed | None = None
        self._thread = threading.Thread(target=self._run, name=f"build {request.tag}", daemon=True)
        self._thread.start()

    def wait(self) -> None:
        """Raises AttemptFailed or Superseded."""
        while self._thread.is_alive() and not self._cancellation.cancelled:
            self._thread.join(_POLL_SECONDS / 10)
        if self._cancellation.cancelled:
            for process in psutil.Process().children(recursive=True):
                with suppress(psutil.Error):  # it has ended
                    if self._request.tag in process.cmdline():
                        process.terminate()
        self._cancellation.check()
        if self._failure:
            raise self._failure

    def _run(self) -> None:
        try:
            self._engine.build(self._request, self._line)
        except Superseded:
            return
        except (BuildFailed, EngineUnavailable) as error:
            self._failure = AttemptFailed(Stage.BUILD_ERROR, _sentence(error))

    def _line(self, line: str) -> None:
        self._cancellation.check()
        self._write(f"{line}\n")


class DockerInstance:
    """Implements `runner.Instance`."""

    keeps_folder = False
    own_port = False

    def __init__(self, container: Container, build: SpaceBuild, write: Write, on_exit: Callable[[], None]) -> None:
        self._container = container
        self._app_port = build.app_port
        self._size = build.size
        self._port = container.port
        self._write = write
        self._on_exit = on_exit
        self._exit: Exit | None = None
        self._gone = threading.Event()
        self._thread = threading.Thread(target=self._follow, name=f"container {container.id[:12]}", daemon=True)
        self._thread.start()

    def ports(self) -> tuple[int, ...]:
        return (self._port,)

    def exit(self) -> Exit | None:
        return self._exit

    def silence(self) -> str:
        return f"nothing answers HTTP on port {self._app_port} (app_port) of the container's outer address"

    def usage(self) -> Usage:
        try:
            found = accounting.usage(self._container.execute)
        except EngineUnavailable as error:
            raise UsageUnknown(_sentence(error)) from error
        if found is None:
            raise UsageUnknown("The container does not tell what it uses")
        return found

    def stop(self, grace: float) -> None:
        # An engine that is gone took its containers with it.
        with suppress(EngineUnavailable):
            self._container.stop(grace)
            self._container.remove()
        self._gone.set()
        self._thread.join()

    def _follow(self) -> None:
        try:
            for line in self._container.follow_log():
                self._write(f"{line}\n")
            while (state := self._container.state()).running and not self._gone.wait(_POLL_SECONDS):
                pass
            self._exit = Exit(code=state.exit_code, reason=self._reason(state))
        except EngineUnavailable as error:
            self._exit = Exit(code=1, reason=_sentence(error))
        self._on_exit()

    def _reason(self, state: ContainerState) -> str:
        """Why it ended, beyond its own words: then it had no chance to write any, and the log says it in its place."""
        if not state.oom_killed:
            return ""
        reason = f"Memory limit exceeded ({self._size.told})"
        self._write(f"{reason}\n")
        return reason


def _sentence(error: BuildFailed | EngineUnavailable) -> str:
    return f"{error.what} ({error.cause})" if error.cause else error.what
