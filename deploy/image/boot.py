"""One boot of an image: start it as a Space would, wait until it serves the right revision, take it away."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field

from deploy.image.container import LOOPBACK, ContainerRequest
from deploy.image.engine import Container, Engine
from deploy.image.probe import Prober
from deploy.image.waiting import Expectation, Wait
from deploy.secret import Secret

CPU_BASIC_MEMORY = 16 * 1024**3
"""Bytes. With two cores, what a Space has that asks for no hardware (Hub docs, "Spaces Overview")."""
CPU_BASIC_CORES = 2.0


@dataclass(frozen=True, kw_only=True)
class BootRequest:
    """What to boot, with which environment, and what to expect of it. `labels` go on the container."""

    image: str
    expect: Expectation
    environment: Mapping[str, str | Secret] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Serving:
    """A container that serves at `url`, since `seconds` after its start."""

    url: str
    seconds: float
    container: Container


@contextmanager
def booted(engine: Engine, request: BootRequest) -> Iterator[Serving]:
    """A container that serves what is expected, removed at the end of the block.

    Raises SmokeFailed with the diagnosis and the log's tail when it does not come to serve.
    """
    expect = request.expect
    container = engine.start(_restricted(request))
    try:
        url = f"http://{LOOPBACK}:{container.port}"
        with closing(Prober(url, expect.app)) as prober:
            seconds = Wait(container, expect, prober.ask).until_ready()
        yield Serving(url=url, seconds=seconds, container=container)
    finally:
        container.remove()


def _restricted(request: BootRequest) -> ContainerRequest:
    environment = {name: value for name, value in request.environment.items() if name != "PORT"}
    if request.expect.port_given:
        environment["PORT"] = str(request.expect.port)
    return ContainerRequest(
        image=request.image,
        port=request.expect.port,
        environment=environment,
        labels=request.labels,
        memory=CPU_BASIC_MEMORY,
        cpus=CPU_BASIC_CORES,
        read_only=request.expect.app.read_only,
    )
