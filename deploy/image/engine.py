"""The Docker engine.

Images are built through the command-line client, because the SDK speaks neither BuildKit nor build
secrets; everything else goes through the SDK.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, suppress
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from deploy.command import run
from deploy.errors import BuildFailed, CommandFailed
from deploy.image.builder import BuildRequest, Image, build_command
from deploy.image.buildlog import build_failure, engine_gone, overdue
from deploy.image.client import build_client
from deploy.image.container import ContainerRequest, ContainerState, creation_options
from deploy.image.faults import no_engine
from deploy.image.interrupt import deferred_interrupts
from deploy.image.sdk import already_gone, faults, sdk, translated
from deploy.secret import Redactor

if TYPE_CHECKING:
    import docker
    from docker.models.containers import Container as SdkContainer
    from docker.models.images import Image as SdkImage

__all__ = ["BuildRequest", "Container", "ContainerRequest", "ContainerState", "Engine", "Image"]

_ANSWER_TIMEOUT, _SAVING_TIMEOUT, _PIECE = 60, 1800, 1 << 20
"""Seconds; the second for an engine that writes a large image to its disk before it hands out a byte. And bytes."""


class Container:
    """A started container. Values of its secrets are redacted from every log it hands out."""

    def __init__(self, container: SdkContainer, request: ContainerRequest) -> None:
        self._container = container
        self._redact = Redactor(request.secrets)
        self._inside = f"{request.port}/tcp"
        self.id: str = container.id or ""

    @property
    def port(self) -> int:
        """The port on 127.0.0.1 that leads inside; 0 when the container no longer runs."""
        bindings = self._container.ports.get(self._inside)
        return int(bindings[0]["HostPort"]) if bindings else 0

    def state(self) -> ContainerState:
        with translated("look at a container"):
            try:
                self._container.reload()
            except sdk().errors.NotFound:
                return ContainerState(status="removed", exit_code=0, oom_killed=False)
        seen = self._container.attrs["State"]
        return ContainerState(
            status=seen["Status"],
            exit_code=seen["ExitCode"],
            oom_killed=seen["OOMKilled"],
        )

    def log_tail(self, lines: int) -> str:
        """The last lines of stdout and stderr, without what the container was given as secrets."""
        with translated("read a container's log"):
            try:
                return self._redact(_text(self._container.logs(tail=lines)))
            except sdk().errors.NotFound:
                return ""

    def follow_log(self) -> Iterator[str]:
        """Its lines from the first on, as they come, until it ends."""
        with translated("follow a container's log"):
            pending = b""
            with closing(self._container.logs(stream=True, follow=True)) as chunks:
                for chunk in chunks:
                    *lines, pending = (pending + chunk).split(b"\n")
                    yield from (self._redact(_text(line.rstrip(b"\r"))) for line in lines)
            if pending:
                yield self._redact(_text(pending))

    def execute(self, *argv: str) -> str | None:
        """Output of a program run inside; None when it is not there, fails, or the container is gone."""
        with translated("look into a container"), suppress(sdk().errors.APIError):
            answer = self._container.exec_run(list(argv), stderr=False)
            if answer.exit_code == 0 and isinstance(answer.output, bytes):
                return _text(answer.output)
        return None

    def processes(self) -> dict[int, str]:
        """Its processes now: process id as the engine's machine counts, and command line."""
        with translated("list a container's processes"), suppress(sdk().errors.APIError):
            table = self._container.top(ps_args="-o pid,args")
            return {int(row[0]): row[-1] for row in table["Processes"] or ()}
        return {}

    def stop(self, grace: float = 5.0) -> None:
        """SIGTERM, then SIGKILL after `grace` seconds. The container and its log stay."""
        with translated("stop a container"), already_gone():
            self._container.stop(timeout=max(0, round(grace)))

    def remove(self) -> None:
        """Ends it at once and removes it with its anonymous volumes; nothing when it is gone already."""
        with deferred_interrupts(), translated("remove a container"), already_gone():
            self._container.remove(force=True, v=True)


class Engine:
    """A Docker engine that answered. Closing it closes connections; containers stay."""

    def __init__(self, client: docker.DockerClient, env: Mapping[str, str]) -> None:
        self._client = client
        self._env = env

    @classmethod
    def connect(cls, env: Mapping[str, str] = os.environ) -> Engine:
        """The engine that `docker` itself would use: DOCKER_HOST, else the current context, else the socket.

        Raises EngineUnavailable when none answers.
        """
        try:
            client = sdk().from_env(environment=dict(env), timeout=_ANSWER_TIMEOUT)
        except faults() as error:
            raise no_engine(error, env.get("DOCKER_HOST")) from error
        return cls(client, env)

    def close(self) -> None:
        self._client.close()

    @cached_property
    def _info(self) -> dict[str, Any]:
        with translated("ask the engine what it is"):
            return dict(self._client.info())

    @property
    def server(self) -> str:
        """Its version, such as `20.10.24`."""
        return str(self._info["ServerVersion"])

    @property
    def platform(self) -> str:
        """What it builds for, as its kernel names it: `linux/x86_64`."""
        return f"{self._info['OSType']}/{self._info['Architecture']}"

    def build(self, request: BuildRequest, on_line: Callable[[str], None] | None = None) -> Image:
        """Builds, handing each line of the log to `on_line`.

        Raises BuildFailed (a step, the syntax, a missing base image, too long) or EngineUnavailable
        (gone, disk full, no client with BuildKit).
        """
        client = build_client(self._env.get("PATH", os.defpath))
        with tempfile.TemporaryDirectory(prefix="spacewright-build-") as scratch:
            id_file = Path(scratch) / "image-id"
            command = build_command(request, client=client, id_file=id_file, env=self._env)
            try:
                result = run(command, on_line=on_line, check=False)
            except CommandFailed as error:
                raise overdue(error) from error
            log = result.output.splitlines()
            if result.code != 0:
                self._require_answer(log)
                raise build_failure(
                    log, request.dockerfile, secrets=request.secrets.keys(), variables=request.build_args.keys()
                )
            image_id = id_file.read_text(encoding="ascii").strip()
        return self._image(image_id, request.tag)

    def find_image(self, reference: str) -> Image | None:
        """The image of that tag or id in the engine's store, or None. Never pulls."""
        with translated("look for an image"):
            try:
                return _described(self._client.images.get(reference), reference)
            except sdk().errors.ImageNotFound:
                return None

    def published_digest(self, reference: str) -> str | None:
        """The digest that the image's registry serves now; None when it cannot be asked or has none."""
        # The registry may be out of reach for the engine, too; an engine that is gone fails at the next call.
        with suppress(*faults()):
            return str(self._client.images.get_registry_data(reference).id)
        return None

    def saved(self, image: Image) -> Iterator[bytes]:
        """The image as `docker save` writes it, a piece at a time: every layer, and its configuration."""
        with (
            translated("read an image"),
            closing(sdk().from_env(environment=dict(self._env), timeout=_SAVING_TIMEOUT)) as client,
        ):
            yield from client.images.get(image.id).save(chunk_size=_PIECE)

    def tag(self, image: Image, reference: str) -> None:
        """Gives the image a further name `repository:tag`."""
        repository, _, tag = reference.rpartition(":")
        with translated("tag an image"):
            self._client.images.get(image.id).tag(repository, tag=tag)

    def tags(self, repository: str) -> tuple[str, ...]:
        """All `repository:tag` of one repository, of the newest image first."""
        with translated("list images"):
            found = self._client.images.list(name=repository)
        found.sort(key=lambda image: str(image.attrs["Created"]), reverse=True)
        return tuple(tag for image in found for tag in image.tags if tag.startswith(f"{repository}:"))

    def remove_tag(self, reference: str) -> None:
        """Takes the name away, and the image with its last name, unless it is absent or used by a container."""
        with translated("remove an image"), already_gone():
            self._client.images.remove(reference)

    def remove_untagged(self, label: str) -> None:
        """Removes images with the label that have lost their last name and that no container uses.

        One at a time: the engine refuses a prune while another one runs, whoever asked for that.
        """
        with translated("remove images"):
            for image in self._client.images.list(filters={"dangling": True, "label": [label]}):
                with already_gone():
                    self._client.images.remove(image.id or "")

    def start(self, request: ContainerRequest) -> Container:
        """Creates and starts; on any failure in between nothing stays. The image must be there: no pull."""
        options = creation_options(request, cores=self._info["NCPU"], machine_memory=self._info["MemTotal"])
        with deferred_interrupts(), translated("start a container"):
            created = self._client.containers.create(**options)
            try:
                created.start()
                created.reload()
            except BaseException:
                created.remove(force=True, v=True)
                raise
        return Container(created, request)

    def labelled(self, label: str) -> tuple[tuple[str, Mapping[str, str]], ...]:
        """Id and labels of every container, running or not, with the label `name` or `name=value`."""
        with translated("list containers"):
            found = self._client.api.containers(all=True, filters={"label": label})
        return tuple((str(one["Id"]), dict(one["Labels"] or {})) for one in found)

    def remove_labelled(self, label: str) -> int:
        """Removes every container with the label `name` or `name=value`; answers how many."""
        removed = 0
        with deferred_interrupts():
            for container, _labels in self.labelled(label):
                with translated("remove a container"), already_gone():
                    self._client.api.remove_container(container, v=True, force=True)
                    removed += 1
        return removed

    def _image(self, reference: str, tag: str) -> Image:
        if (image := self.find_image(reference)) is None:
            raise BuildFailed(
                f"The build ended well and its image {reference} is not in the engine's store.",
                cause="the docker client builds into another engine or keeps the image to its builder",
                next_step="docker buildx use default",
            )
        return Image(id=image.id, tag=tag, size=image.size, layers=image.layers, labels=image.labels)

    def _require_answer(self, log: list[str]) -> None:
        """After a failed build: an engine that is gone is the cause, whatever the log says."""
        try:
            self._client.ping()
        except faults() as error:
            raise engine_gone(log) from error


def _described(image: SdkImage, tag: str) -> Image:
    size, layers = int(image.attrs["Size"]), len(image.attrs.get("RootFS", {}).get("Layers") or ())
    return Image(id=image.id or "", tag=tag, size=size, layers=layers, labels=dict(image.labels))


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", errors="replace")
