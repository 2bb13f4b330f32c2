"""What can be taken from a Dockerfile without an engine: the Python it asks for, its requirements, what it starts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from deploy.dockerfile import Dockerfile, DockerfileError, Instruction, Stage, Start, parse
from deploy.localhub.runtime import model
from deploy.localhub.runtime.model import AttemptFailed

_PYTHON_IMAGE = re.compile(r"(?:^|/)python:(?P<version>3\.\d+)")
_REQUIREMENT = re.compile(r"(?:^|\s)(?:-r|--requirement)[ =]?(?P<file>[^\s;&|\"']+)")
_LOCAL = re.compile(r"\s*(?:-e\b|--editable\b|\.{0,2}/|file:)")
_UNKNOWN_SOURCE = re.compile(r"[$*?\[]|^[a-z]+://|^git@|^<<")


@dataclass(frozen=True, kw_only=True)
class AppSpec:
    """`python` is the version that the image names, such as "3.13", or None; `requirements` are in the checkout."""

    python: str | None
    image: str
    requirements: tuple[Path, ...]
    final: Stage
    start: Start


def read_spec(folder: Path) -> AppSpec:
    """Raises AttemptFailed, as a build would fail, for what an engine would refuse and for what needs one."""
    file = _in_checkout("Dockerfile", folder)
    if file is None:
        raise _refused("the Dockerfile cannot be read: it is no file of the repository")
    try:
        dockerfile = parse(file.read_text(encoding="utf-8"))
    except DockerfileError as error:
        raise _refused(error.what) from error
    except (OSError, UnicodeDecodeError) as error:
        raise _refused(f"the Dockerfile cannot be read: {error}") from error
    final = dockerfile.final
    for missing in _missing_sources(dockerfile, folder):
        raise _refused(f'"/{missing}": not found')
    if final.start is None:
        raise _refused("the Dockerfile has no CMD and no ENTRYPOINT, and without Docker those of the image are unknown")
    requirements = tuple(_requirements(dockerfile, folder))
    for file in requirements:
        _require_packages(file)
    version = _PYTHON_IMAGE.search(final.image)
    return AppSpec(
        python=version["version"] if version else None,
        image=final.image,
        requirements=requirements,
        final=final,
        start=final.start,
    )


def _refused(reason: str) -> AttemptFailed:
    return AttemptFailed(model.Stage.BUILD_ERROR, f"Build failed: {reason}")


def _requirements(dockerfile: Dockerfile, folder: Path) -> Iterator[Path]:
    """The files that RUN instructions install from; requirements.txt at the root when none does."""
    runs = [instruction.text for instruction in dockerfile.instructions if instruction.name == "RUN"]
    named = dict.fromkeys(match["file"] for text in runs for match in _REQUIREMENT.finditer(text))
    found = dict.fromkeys(file for name in named if (file := _in_checkout(name, folder)))
    root = folder / "requirements.txt"
    yield from found or ([root] if root.is_file() else [])


def _in_checkout(name: str, folder: Path) -> Path | None:
    """A path as it was in the image, found in the checkout: the longest end of it that is there."""
    parts = PurePosixPath(name).parts
    for start in range(len(parts)):
        if (file := folder.joinpath(*parts[start:])).is_file() and file.resolve().is_relative_to(folder.resolve()):
            return file
    return None


def _require_packages(file: Path) -> None:
    for number, line in enumerate(file.read_text(encoding="utf-8", errors="replace").splitlines(), start=1):
        if _LOCAL.match(line):
            raise _refused(f"{file.name}, line {number}: packages from folders are not installed without Docker")


def _missing_sources(dockerfile: Dockerfile, folder: Path) -> Iterator[str]:
    """What COPY and ADD take from the checkout and is not there."""
    for instruction in dockerfile.instructions:
        if instruction.name in {"COPY", "ADD"} and "from" not in instruction.flags:
            for source in _sources(instruction):
                if not (folder / source.lstrip("/")).exists():
                    yield source.lstrip("/")


def _sources(instruction: Instruction) -> list[str]:
    words = list(instruction.words or instruction.text.split())
    return [word.strip("\"'") for word in words[:-1] if not _UNKNOWN_SOURCE.search(word)]
