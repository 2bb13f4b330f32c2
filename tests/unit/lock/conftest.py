"""A small project with inputs and locks, and a pip-compile that answers what a test tells it to."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from deploy.command import Command, Result
from deploy.errors import CommandFailed
from deploy.lock.files import LockFile, Place
from deploy.lock.inputs import read_inputs, with_header

HASH = "--hash=sha256:" + "0" * 64
OTHER_HASH = "--hash=sha256:" + "1" * 64


def pinned(*pins: str, asked: tuple[str, ...] = (), digest: str = HASH) -> str:
    """What pip-compile writes for `name==version` pins; those in `asked` stand in requirements.in themselves."""
    via = {pin: "-r requirements.in" if pin.partition("==")[0] in asked else "another" for pin in pins}
    return "".join(f"{pin} \\\n    {digest}\n    # via {via[pin]}\n" for pin in pins)


def not_text(path: Path, kind: str) -> None:
    """Put something there that is no file of text."""
    if kind == "folder":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path)
    elif kind == "link to nothing":
        path.symlink_to("nowhere")
    else:
        path.write_bytes(b"fastapi # f\xfcr\n")


@dataclass
class Project:
    """A folder with requirements.in and its lock."""

    root: Path
    place: Place | None = None

    @property
    def lock_file(self) -> LockFile:
        return LockFile(
            root=self.root,
            input=self.root / "requirements.in",
            output=self.root / "requirements.txt",
            place=self.place,
        )

    def write(self, **texts: str) -> None:
        """`write(requirements_in="fastapi")` and so on."""
        for name, text in texts.items():
            stem, _, suffix = name.rpartition("_")
            (self.root / f"{stem.replace('_', '-')}.{suffix}").write_text(text)

    def lock(self, body: str) -> None:
        """Put a lock in place as `invoke lock` would have."""
        inputs = read_inputs(self.lock_file.input, self.root)
        self.lock_file.output.write_text(with_header(self.lock_file, inputs, body))


@dataclass
class Compiler:
    """Stands for the programs that `deploy.lock` runs, and remembers what they were asked."""

    lock: str | None = ""
    code: int = 0
    said: str = ""
    python: str = "3.13"
    engine: bool = True
    commands: list[Command] = field(default_factory=list)

    def __call__(self, command: Command, *, on_line: Callable[[str], None] | None = None, check: bool = True) -> Result:
        self.commands.append(command)
        if command.argv[:2] == ("docker", "version"):
            if not self.engine:
                raise CommandFailed("docker ended with code 1.", details=("Cannot connect to the Docker daemon",))
            return Result(code=0, output="28.2.2", seconds=0.0)
        answer = json.dumps({"code": self.code, "lock": self.lock, "python": self.python})
        lines = [*self.said.splitlines(), answer]
        for line in lines:
            if on_line:
                on_line(line)
        return Result(code=0, output="\n".join(lines), seconds=0.0)

    @property
    def job(self) -> dict[str, Any]:
        """The last one that was sent to the worker."""
        document: dict[str, Any] = json.loads(str(self.commands[-1].stdin))
        return document


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(root=tmp_path)


@pytest.fixture
def compiler() -> Compiler:
    return Compiler()
