"""From what a Dockerfile starts to a command of this machine: the same program, on loopback, on a port that is free."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from deploy.dockerfile import Stage, Start
from deploy.network import LOOPBACK

_ALL_INTERFACES = re.compile(r"(?<![\w.])0\.0\.0\.0(?![\w./])|\[::\](?=:)")
_PROGRAM_OF_IMAGE = re.compile(r"(?<![^\s;&|(\"'=])/(?:[\w.+-]+/)*bin/[\w.+-]+")
_PYTHON = re.compile(r"python3?(?:\.\d+)?")
_INITS = {"tini", "dumb-init", "catatonit"}
_OURS = {"PATH", "HOME", "TMPDIR", "PORT", "VIRTUAL_ENV", "PYTHONHOME", "LD_LIBRARY_PATH"}
"""Set here, or true of the image's files only."""


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where an app is to run: its checkout, the folder of programs of its virtual environment, a scratch folder,
    the port it is told, and the one that a Space's visitors come to."""

    checkout: Path
    programs: Path
    scratch: Path
    port: int
    app_port: int


def command(start: Start, workdir: str | None, place: Place) -> tuple[str, ...]:
    """The argument list. Addresses become loopback, the Space's port this place's, paths of the image those here."""
    program, *rest = (_here(_programs(word, workdir, place), workdir, place) for word in start.argv)
    if Path(program).name in _INITS and rest:
        # The reaper of the process does what an init in a container is for.
        program, *rest = rest[rest.index("--") + 1 :] if "--" in rest else rest
    if _PYTHON.fullmatch(Path(program).name):
        program = str(place.programs / "python")
    return (program, *rest)


def environment(stage: Stage, machine: Mapping[str, str], given: Mapping[str, str], place: Place) -> dict[str, str]:
    """The app's whole environment: this machine's share, the image's ENV, what the Space gives, and what is ours."""
    image = {name: _here(value, stage.workdir, place) for name, value in stage.env.items() if name not in _OURS}
    ours = {
        "PATH": machine["PATH"],
        "HOME": str(place.scratch / "home"),
        "TMPDIR": str(place.scratch / "tmp"),
        "PORT": str(place.port),
    }
    given = {name: _ALL_INTERFACES.sub(LOOPBACK, value) for name, value in given.items()}
    return {**machine, **image, **given, **ours}


def _here(word: str, workdir: str | None, place: Place) -> str:
    word = _ALL_INTERFACES.sub(LOOPBACK, word)
    word = LOOPBACK if word == "::" else word
    word = re.sub(rf"(?:(?<![^\s=:])|(?<=['\"])){place.app_port}(?![^\s'\";&|)])", str(place.port), word)
    if workdir is None or workdir == "/":
        return word
    inside = re.escape(workdir.rstrip("/"))
    return re.sub(rf"(?<![\w./-]){inside}(?=$|[/\s:\"';])", lambda _: str(place.checkout), word)


def _programs(word: str, workdir: str | None, place: Place) -> str:
    """Programs of the image go by their names alone when their paths lead nowhere on this machine."""

    def found(match: re.Match[str]) -> str:
        path = PurePosixPath(match[0])
        own = workdir is not None and path.is_relative_to(workdir)
        there = place.checkout / path.relative_to(workdir or "/") if own else Path(path)
        return match[0] if there.exists() else path.name

    return _PROGRAM_OF_IMAGE.sub(found, word)
