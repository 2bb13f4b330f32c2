"""One image build as a command line for BuildKit. Values of secrets travel in the environment, never in argv."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from deploy.command import Command
from deploy.secret import Secret

_CARRIER = "SPACEWRIGHT_BUILD_SECRET_"


@dataclass(frozen=True, kw_only=True)
class BuildRequest:
    """What to build: `context` is a folder with a Dockerfile; `timeout` in seconds; `fresh` runs every step anew.

    As on a Space, variables are build args and secrets are mounts (Hub docs, "Docker Spaces", secrets
    and variables management).
    """

    context: Path
    tag: str
    build_args: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, Secret] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    timeout: float
    fresh: bool = False

    @property
    def dockerfile(self) -> str:
        """Its text, or nothing when there is none, which is what the build will complain of."""
        place = self.context / "Dockerfile"
        return place.read_text(encoding="utf-8", errors="replace") if place.is_file() else ""


@dataclass(frozen=True, kw_only=True)
class Image:
    """An image in the engine's store: `size` in bytes, `layers` counted, `id` as `sha256:…`."""

    id: str
    tag: str
    size: int
    layers: int
    labels: Mapping[str, str]


def build_command(request: BuildRequest, *, client: Path, id_file: Path, env: Mapping[str, str]) -> Command:
    """The command that builds `request` and writes the image's id to `id_file`.

    Secrets come in under names of our own, since one called PATH or DOCKER_HOST would otherwise change
    what the client does.
    """
    carriers = {name: f"{_CARRIER}{number}" for number, name in enumerate(sorted(request.secrets))}
    argv = [str(client), "build", "--progress=plain", "--tag", request.tag, "--iidfile", str(id_file)]
    argv += ["--no-cache"] if request.fresh else []
    for name, value in sorted(request.build_args.items()):
        argv += ["--build-arg", f"{name}={value}"]
    for name, carrier in carriers.items():
        argv += ["--secret", f"id={name},env={carrier}"]
    for name, value in sorted(request.labels.items()):
        argv += ["--label", f"{name}={value}"]
    return Command(
        argv=(*argv, str(request.context)),
        env={**env, "DOCKER_BUILDKIT": "1", **{carriers[name]: value for name, value in request.secrets.items()}},
        timeout=request.timeout,
    )
