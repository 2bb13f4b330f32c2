"""One boot of an image: start it as a Space would, wait until it serves the right revision, take it away."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial

from deploy.http import make_client
from deploy.image.container import ContainerRequest
from deploy.image.engine import Container, Engine
from deploy.image.probe import REQUEST_TIMEOUT, probe
from deploy.image.waiting import Expectation, Wait
from deploy.network import LOOPBACK
from deploy.secret import Secret

CPU_BASIC_MEMORY = 16 * 1024**3
"""Bytes. With two cores, what a Space has that asks for no hardware (Hub docs, "Spaces Overview")."""
CPU_BASIC_CORES = 2.0


@dataclass(frozen=True, kw_only=True)
class SmokeRequest:
    """An image and what it must come to. `environment` is the target's variables and secrets.

    An image that ignores $PORT is worth a warning, or with `strict` a failure, unless the project declares its
    port fixed.
    """

    image: str
    expect: Expectation
    environment: Mapping[str, str | Secret] = field(default_factory=dict)
    fixed_port: bool = False
    strict: bool = False


@dataclass(frozen=True, kw_only=True)
class Boot:
    """One boot that came to serve: the port inside, whether $PORT gave it, seconds to the first answer."""

    port: int
    port_given: bool
    seconds: float


@dataclass(frozen=True, kw_only=True)
class Serving:
    """A container that serves at `url`."""

    url: str
    boot: Boot
    container: Container


@contextmanager
def booted(
    engine: Engine, request: SmokeRequest, labels: Mapping[str, str], port: int | None = None
) -> Iterator[Serving]:
    """A container that serves what is expected, removed at the end of the block; `port` is what $PORT says, if set.

    Raises SmokeFailed with the diagnosis and the log's tail when it does not come to serve.
    """
    expect = replace(request.expect, given=port)
    container = engine.start(_restricted(request, expect, labels))
    try:
        url = f"http://{LOOPBACK}:{container.port}"
        with make_client(base_url=url, timeout=REQUEST_TIMEOUT) as client:
            seconds = Wait(container, expect, partial(probe, client, expect.app)).until_ready()
        boot = Boot(port=expect.port, port_given=port is not None, seconds=seconds)
        yield Serving(url=url, boot=boot, container=container)
    finally:
        container.remove()


def _restricted(request: SmokeRequest, expect: Expectation, labels: Mapping[str, str]) -> ContainerRequest:
    environment = {name: value for name, value in request.environment.items() if name != "PORT"}
    return ContainerRequest(
        image=request.image,
        port=expect.port,
        environment=environment | ({"PORT": str(expect.given)} if expect.given else {}),
        labels=labels,
        memory=CPU_BASIC_MEMORY,
        cpus=CPU_BASIC_CORES,
        read_only=request.expect.app.read_only,
    )
