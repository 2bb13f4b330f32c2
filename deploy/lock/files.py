"""Which locks a project has, and for which Python and platform each is made."""

from __future__ import annotations

import os
import platform
import sys
from dataclasses import dataclass
from pathlib import Path

from deploy.config import Config
from deploy.dockerfile import parse
from deploy.errors import LockError
from deploy.requirements.lines import decoded
from deploy.requirements.markers import MACHINE

INPUT, OUTPUT = "requirements.in", "requirements.txt"
VERIFY_INPUT, VERIFY_OUTPUT = "requirements-verify.in", "requirements-verify.txt"
DEV_INPUT, DEV_OUTPUT = "requirements-dev.in", "requirements-dev.txt"


@dataclass(frozen=True, kw_only=True)
class Place:
    """The Python a lock is made for (`3.13`), and the image that has it."""

    python: str
    image: str

    @property
    def is_here(self) -> bool:
        """Whether this interpreter on this machine gives what the image's would."""
        here = f"{sys.version_info.major}.{sys.version_info.minor}"
        return here == self.python and sys.platform == "linux" and platform.machine() == MACHINE


@dataclass(frozen=True, kw_only=True)
class LockFile:
    """A lock and its input. `place` None means any Python that the pipeline itself runs on."""

    root: Path
    input: Path
    output: Path
    place: Place | None = None

    @property
    def name(self) -> str:
        """As a person names it: relative to the project."""
        return relative(self.output, self.root)

    @property
    def text(self) -> str | None:
        """None when it was never made. Raises LockError when something else is in its place."""
        return read_text(self.output, self.name) if os.path.lexists(self.output) else None

    @property
    def made_for(self) -> str:
        return f"Python {self.place.python} on linux {MACHINE}" if self.place else "Python 3.11 and newer"


def project_locks(config: Config) -> tuple[LockFile, ...]:
    """The source's lock, then the pipeline's own where there are such; each after those it takes versions from."""
    own = [(INPUT, OUTPUT), (VERIFY_INPUT, VERIFY_OUTPUT), (DEV_INPUT, DEV_OUTPUT)]
    return (
        source_lock(config),
        *(
            LockFile(root=config.root, input=config.root / before, output=config.root / after)
            for before, after in own
            if (config.root / before).is_file() and config.root / before != config.source.path / before
        ),
    )


def source_lock(config: Config) -> LockFile:
    """The lock that the image installs from. Raises LockError without an input, SourceError for a bad Dockerfile."""
    folder = config.source.path
    if not (folder / INPUT).is_file():
        raise LockError(
            f"{relative(folder / INPUT, config.root)} is not there.",
            cause="a lock is made from the names and bounds in that file",
            next_step="write into it what the source imports, one requirement a line, and run: invoke lock",
        )
    place = Place(python=config.source.python, image=_base_image(folder / "Dockerfile", config.source.python))
    return LockFile(root=config.root, input=folder / INPUT, output=folder / OUTPUT, place=place)


def relative(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else path.as_posix()


def read_text(path: Path, name: str) -> str:
    """As pip decodes it. Raises LockError for what is not there, and for what is no file of text."""
    try:
        if not path.is_file():
            raise FileNotFoundError("it is not there, or no file")
        return decoded(path.read_bytes())
    except (OSError, UnicodeError, LookupError) as error:
        cure = f"put a file of text there, or do not name {name} with -r or -c"
        raise LockError(f"{name} cannot be read.", cause=str(error), next_step=cure) from error


def _base_image(dockerfile: Path, python: str) -> str:
    if not dockerfile.is_file():
        return f"python:{python}-slim"
    return parse(dockerfile.read_text(encoding="utf-8")).final.image
