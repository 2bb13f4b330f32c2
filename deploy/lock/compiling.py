"""From inputs to the text of a lock: pip-compile, here or inside the image the lock is for."""

from __future__ import annotations

import base64
import importlib.metadata
import io
import json
import sys
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from deploy.command import Command, Result, run
from deploy.errors import CommandFailed, LockError
from deploy.lock.complaint import complaint
from deploy.lock.files import LockFile, Place, relative
from deploy.lock.inputs import Inputs

Runner = Callable[..., Result]

TIMEOUT = 900.0
"""Seconds; a lock of a few hundred packages from an empty cache takes one or two minutes."""

_WORKER = Path(__file__).with_name("worker.py")
_TOOLS = ("pip-tools", "pip", "build", "click", "packaging", "pyproject_hooks", "setuptools", "wheel")


@dataclass(frozen=True, kw_only=True)
class Job:
    """What to compile. `known` is the present lock, whose pins are kept unless `upgrade`."""

    lock_file: LockFile
    inputs: Inputs
    known: str | None = None
    trust_hashes: bool = True
    upgrade: bool = False


def compile_lock(job: Job, *, run: Runner = run, on_line: Callable[[str], None] | None = None) -> str:
    """The lock's text as pip-compile writes it, without its header; no file of the project is touched.

    Raises LockError when the inputs cannot be met, and when this machine has neither the Python the lock is
    for nor an engine to run it in.
    """
    place = job.lock_file.place
    inside = place is not None and not place.is_here
    argv = _container(place, run) if place and inside else (sys.executable, "-I", str(_WORKER))
    # The answer is one long line of JSON: not for people.
    talk = None if on_line is None else lambda line: None if line.startswith("{") else on_line(line)
    command = Command(argv=argv, stdin=json.dumps(_document(job, with_tools=inside)), timeout=TIMEOUT)
    result = run(command, on_line=talk, check=False)
    *said, last = result.output.splitlines() or [""]
    answer = _answer(last)
    if answer is None:
        raise _no_answer(job.lock_file, place if inside else None, result)
    if answer["code"] != 0:
        raise complaint(job.lock_file, said)
    if answer["lock"] is None and place:
        raise LockError(
            f"{place.image} has Python {answer['python']}, and deploy.toml says {place.python}.",
            cause="a lock is compiled by the Python that will install it",
            next_step=f'set python = "{answer["python"]}" under [source] in deploy.toml, or another image in FROM',
        )
    return str(answer["lock"])


def arguments(job: Job) -> list[str]:
    """pip-compile's arguments: nothing of the machine gets in, nothing of the machine gets out."""
    return [
        *("--generate-hashes", "--allow-unsafe", "--strip-extras", "--no-emit-options", "--no-header", "--no-config"),
        *(["--upgrade"] if job.upgrade else []),
        *([] if job.trust_hashes else ["--no-reuse-hashes"]),
        *("--quiet", "--output-file", job.lock_file.output.name, job.lock_file.input.name),
    ]


def _document(job: Job, *, with_tools: bool) -> dict[str, Any]:
    lock_file = job.lock_file
    files = dict(job.inputs.files)
    if job.known is not None:
        files[lock_file.name] = job.known
    return {
        "files": files,
        "folder": relative(lock_file.input.parent, lock_file.root),
        "arguments": arguments(job),
        "output": lock_file.output.name,
        "python": lock_file.place.python if lock_file.place else None,
        "tools": _tools() if with_tools else None,
    }


def _answer(line: str) -> dict[str, Any] | None:
    try:
        answer = json.loads(line)
    except ValueError:
        return None
    return answer if isinstance(answer, dict) and answer.keys() >= {"code", "lock", "python"} else None


def _no_answer(lock_file: LockFile, place: Place | None, result: Result) -> LockError:
    runs_it = f"a container of {place.image}" if place else sys.executable
    return LockError(
        f"{lock_file.name} was not made: {runs_it} ended with code {result.code}.",
        cause="the Docker engine could not run the image, or the image has no python" if place else None,
        next_step=f"see that this works: docker run --rm {place.image} python --version" if place else None,
        details=result.tail,
    )


# In the image --------------------------------------------------------------------------------------------


def _container(place: Place, run: Runner) -> tuple[str, ...]:
    """The command that runs the worker in the image. Raises LockError when no engine answers."""
    question = Command(argv=("docker", "version", "--format", "{{.Server.Version}}"), timeout=15)
    try:
        run(question)
    except CommandFailed as error:
        raise LockError(
            f"The lock for Python {place.python} on linux cannot be made here.",
            cause=f"this is Python {sys.version_info.major}.{sys.version_info.minor} on {sys.platform}, and no Docker "
            f"engine answers to run {place.image}",
            next_step=f"start Docker, or run this under Python {place.python} on linux",
            details=error.details,
        ) from error
    limits = ("--cap-drop=ALL", "--security-opt=no-new-privileges", "--user=1000:1000", "--env=HOME=/tmp")
    # Names without values: a proxy's address may hold a password, and arguments are seen by everyone.
    proxies = ("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy")
    passed = tuple(f"--env={name}" for name in proxies)
    platform = ("--platform=linux/amd64",)
    flags = ("--rm", "--interactive", "--init", *platform, *limits, *passed, "--entrypoint=python")
    return ("docker", "run", *flags, place.image, "-I", "-c", _WORKER.read_text(encoding="utf-8"))


@cache
def _tools() -> str:
    """pip-tools as it is installed here, and what it needs, all of it pure Python: base64 of a zip.

    The image then compiles with the same pip-tools and pip as this machine, whatever pip it has itself.
    """
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in _TOOLS:
            for file in importlib.metadata.files(name) or ():
                if ".." not in file.parts and file.suffix != ".pyc":
                    archive.write(str(file.locate()), file.as_posix())
    return base64.b64encode(buffer.getvalue()).decode()
