"""What Spaces run in: containers when a Docker engine answers, otherwise processes of this machine."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing

from deploy.errors import ConfigError, EngineUnavailable
from deploy.image.engine import Engine
from deploy.localhub.process.pidfile import RuntimeKind

KINDS = ("auto", "docker", "process")


def choose(wanted: str, env: Mapping[str, str]) -> RuntimeKind:
    """Raises EngineUnavailable when `docker` is wanted and no engine answers, ConfigError for an unknown word."""
    if wanted not in KINDS:
        raise ConfigError(f"{wanted!r} is no runtime.", next_step=f"choose one of {', '.join(KINDS)}")
    if wanted == "process":
        return "process"
    try:
        with closing(Engine.connect(env)):
            return "docker"
    except EngineUnavailable:
        if wanted == "docker":
            raise
        return "process"
