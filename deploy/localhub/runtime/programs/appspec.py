"""What can be taken from a Dockerfile without an engine: the Python it asks for, its requirements, what it starts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from deploy.dockerfile import Dockerfile, DockerfileError, Stage, Start, parse
from deploy.dockerfile.layout import missing_sources
from deploy.localhub.runtime import model
from deploy.localhub.runtime.model import AttemptFailed
from deploy.requirements.lines import read_file, read_requirements
from deploy.requirements.run_lines import requests


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
    context = frozenset(_context(folder.resolve()))
    if "Dockerfile" not in context:
        raise _refused("the Dockerfile cannot be read: it is no file of the repository")
    try:
        dockerfile = parse((folder / "Dockerfile").read_text(encoding="utf-8"))
    except DockerfileError as error:
        raise _refused(error.what) from error
    except (OSError, UnicodeDecodeError) as error:
        raise _refused(f"the Dockerfile cannot be read: {error}") from error
    final = dockerfile.final
    for _, missing in missing_sources(dockerfile, context):
        raise _refused(f'"/{missing.lstrip("/")}": not found')
    if final.start is None:
        raise _refused("the Dockerfile has no CMD and no ENTRYPOINT, and without Docker those of the image are unknown")
    requirements = tuple(folder / name for name in _requirements(dockerfile, context))
    for file in requirements:
        _require_packages(file)
    return AppSpec(
        python=final.python,
        image=final.image,
        requirements=requirements,
        final=final,
        start=final.start,
    )


def _refused(reason: str) -> AttemptFailed:
    return AttemptFailed(model.Stage.BUILD_ERROR, f"Build failed: {reason}")


def _context(folder: Path) -> Iterator[str]:
    """The files of the checkout; a link that leads out of it is none."""
    for path in folder.rglob("*"):
        if path.is_file() and path.resolve().is_relative_to(folder):
            yield path.relative_to(folder).as_posix()


def _requirements(dockerfile: Dockerfile, context: frozenset[str]) -> Iterable[str]:
    """The files that RUN instructions install from; requirements.txt at the root when none does."""
    named = dict.fromkeys(one.text for one in requests(dockerfile, context) if one.kind == "file")
    return named or context & {"requirements.txt"}


def _require_packages(file: Path) -> None:
    for line in read_requirements(str(file), read_file):
        if line.is_local:
            name = Path(line.file).name
            raise _refused(f"{name}, line {line.line}: packages from folders are not installed without Docker")
