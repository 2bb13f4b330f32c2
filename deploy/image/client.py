"""Which `docker` program builds with BuildKit. Several may be installed, and the first on PATH need not be it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from deploy.command import Command, run
from deploy.errors import CommandFailed, EngineUnavailable

_ANSWER_TIMEOUT = 15.0


@cache
def build_client(search_path: str) -> Path:
    """The first `docker` that offers build secrets under BuildKit; asked once a process for each search path.

    Looks through `search_path` (as in $PATH), then the system's own folders. Raises EngineUnavailable
    with what each one answered.
    """
    answers: list[str] = []
    for program in _candidates(search_path):
        refusal = _refusal(program)
        if refusal is None:
            return program
        answers.append(f"{program}: {refusal}")
    raise EngineUnavailable(
        "No docker client here can build with BuildKit."
        if answers
        else "The docker program is not installed, or not on PATH.",
        cause="build secrets need BuildKit: Docker 23 or later with its buildx plugin, or Docker 18.09 to 20.10",
        next_step="install the buildx plugin (docker-buildx-plugin or docker-buildx), or the package docker.io",
        details=tuple(answers),
    )


def _candidates(search_path: str) -> Iterator[Path]:
    seen: set[Path] = set()
    for folder in [*search_path.split(os.pathsep), *os.defpath.split(os.pathsep)]:
        found = shutil.which("docker", path=folder) if folder else None
        if found and (real := Path(found).resolve()) not in seen:
            seen.add(real)
            yield Path(found)


def _refusal(program: Path) -> str | None:
    """None when the client takes `--secret`; otherwise its first line of complaint.

    The help of `build` is the question because its answer needs no engine, and because BuildKit's own
    options are in it exactly when BuildKit would run, built in or through the plugin.
    """
    question = Command(
        argv=(str(program), "build", "--help"),
        env={**os.environ, "DOCKER_BUILDKIT": "1"},
        timeout=_ANSWER_TIMEOUT,
    )
    try:
        answer = run(question, check=False)
    except CommandFailed as error:
        return error.what
    if answer.code == 0 and "--secret" in answer.output:
        return None
    return next(iter(answer.output.splitlines()), f"ended with code {answer.code}")
