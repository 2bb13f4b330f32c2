"""A container as a value: what is asked of the engine, and how it was last seen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from deploy.network import LOOPBACK
from deploy.secret import Secret, revealed

PIDS_LIMIT = 1024
"""Processes and threads: far more than a backend needs, far less than a fork bomb makes."""


@dataclass(frozen=True, kw_only=True)
class ContainerRequest:
    """What to run. `port` is the one inside; `memory` in bytes; `cpus` in cores.

    `memory` and `cpus` are upper limits: a smaller machine gives what it has. `read_only`: nothing but /tmp can be
    written.
    """

    image: str
    port: int
    environment: Mapping[str, str | Secret] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    memory: int
    cpus: float
    read_only: bool = False

    @property
    def secrets(self) -> tuple[Secret, ...]:
        return tuple(value for value in self.environment.values() if isinstance(value, Secret))


@dataclass(frozen=True, kw_only=True)
class ContainerState:
    """`status` in Docker's words: created, running, paused, exited, dead, or removed."""

    status: str
    exit_code: int
    oom_killed: bool

    @property
    def running(self) -> bool:
        return self.status == "running"


def creation_options(request: ContainerRequest, *, cores: int, machine_memory: int) -> dict[str, Any]:
    """Arguments of the SDK's `containers.create` for a container as restricted as a Space.

    A Space runs as uid 1000 without added rights (Hub docs, "Docker Spaces", permissions), and writes where the image
    lets that user write.
    """
    memory = min(request.memory, machine_memory)
    return {
        "image": request.image,
        "environment": {name: revealed(value) for name, value in request.environment.items()},
        "labels": dict(request.labels),
        "ports": {f"{request.port}/tcp": (LOOPBACK, None)},
        "user": "1000:1000",
        "read_only": request.read_only,
        # Docker mounts a tmpfs noexec unless told otherwise; a Space's /tmp may be executed from.
        "tmpfs": {"/tmp": "rw,exec,mode=1777"} if request.read_only else {},  # noqa: S108 - inside the container
        "mem_limit": memory,
        # Equal to the memory limit: no swap, as on a Space.
        "memswap_limit": memory,
        "nano_cpus": int(min(request.cpus, cores) * 1e9),
        "cap_drop": ["ALL"],
        "security_opt": ["no-new-privileges:true"],
        "pids_limit": PIDS_LIMIT,
        "init": True,
        "restart_policy": {"Name": "no"},
        "detach": True,
    }
