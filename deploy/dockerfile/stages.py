"""A stage of a Dockerfile: environment, user, folder, ports, and the command that starts."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from deploy.dockerfile.instructions import Instruction

SHELL = ("/bin/sh", "-c")
_PYTHON_IMAGE = re.compile(r"(?:.*/)?(?:python:|[\w.-]+:(?:[\w.-]*-)?python)(?P<version>3\.\d+)(?:\D.*)?")
"""`python:3.12-slim`, and tags of others such as `uv:0.9-python3.12-bookworm`."""


@dataclass(frozen=True, kw_only=True)
class Start:
    """A CMD or ENTRYPOINT. `argv` is what the kernel gets; of a shell form the shell, its flag and the line."""

    line: int
    argv: tuple[str, ...]
    shell_form: bool

    @property
    def text(self) -> str:
        """As one would type it."""
        return self.argv[-1] if self.shell_form else shlex.join(self.argv)


@dataclass(frozen=True, kw_only=True)
class Copy:
    """A COPY or ADD: from the context, or from another stage or image. `target` is absolute, with `/` for a folder.

    `mode` is what --chmod says.
    """

    line: int
    sources: tuple[str, ...]
    target: str
    origin: str | None = None
    mode: str | None = None


@dataclass(frozen=True, kw_only=True)
class Stage:
    """One FROM and what follows. `base` is an image or an earlier stage; None stands where nothing was said.

    `args` are the build arguments declared in it or below it, with their defaults; `exposed` are port numbers;
    `copies` are those of this stage alone, and so are `runs`, each with the stage as the lines above it left it;
    `own_cmd` tells a CMD of this stage from one that came with the stage below.
    """

    line: int
    name: str | None
    base: str
    inherits: Stage | None = None
    instructions: tuple[Instruction, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    args: Mapping[str, str | None] = field(default_factory=dict)
    user: str | None = None
    workdir: str | None = None
    exposed: tuple[int, ...] = ()
    copies: tuple[Copy, ...] = ()
    runs: tuple[tuple[Instruction, Stage], ...] = ()
    shell: tuple[str, ...] = SHELL
    entrypoint: Start | None = None
    cmd: Start | None = None
    own_cmd: bool = False

    @property
    def image(self) -> str:
        """The image from outside that this stage stands on, through any stages between."""
        return self.inherits.image if self.inherits else self.base

    @property
    def python(self) -> str | None:
        """The version that the image's tag names, such as "3.12"."""
        match = _PYTHON_IMAGE.fullmatch(self.image)
        return match["version"] if match else None

    @property
    def history(self) -> tuple[Instruction, ...]:
        """All instructions that made this stage's files, those of the stages below it first."""
        return (*(self.inherits.history if self.inherits else ()), *self.instructions)

    @property
    def start(self) -> Start | None:
        """What runs in a container: entry point and command as Docker joins them."""
        if self.entrypoint is None or self.entrypoint.shell_form or self.cmd is None:
            return self.entrypoint or self.cmd
        return replace(self.entrypoint, argv=(*self.entrypoint.argv, *self.cmd.argv), line=self.cmd.line)


@dataclass(frozen=True, kw_only=True)
class Dockerfile:
    """All stages in order; the last is the one that a Space runs. `instructions` are those of the whole file."""

    stages: tuple[Stage, ...]
    instructions: tuple[Instruction, ...]

    @property
    def final(self) -> Stage:
        return self.stages[-1]
