"""What the RUN lines of a Dockerfile ask pip, uv, poetry and their like to install."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from deploy.dockerfile import Dockerfile, Instruction, Stage
from deploy.source.start.files import ImageFiles
from deploy.source.start.shell import commands
from deploy.source.start.unwrap import Invocation, unwrap

LOCK_OF = {"pdm": "pdm.lock", "pipenv": "Pipfile.lock", "poetry": "poetry.lock", "uv": "uv.lock"}
"""Tools that install what their own lock says."""

CONDA = "conda"
"""Installs from its own files, which say little about Python modules."""

_PIPS = {"pip", "pip3"}
_PIP_VERBS = {"download", "install", "sync", "wheel"}
_CONDAS = {"conda", "mamba", "micromamba"}
_WITH_VALUE = {
    *("-c", "--constraint", "-f", "--find-links", "-i", "--index-url", "--extra-index-url", "--index", "-t"),
    *("--target", "-w", "--wheel-dir", "-d", "--dest"),
    *("--cache-dir", "--no-binary", "--only-binary", "--platform", "--prefix", "--progress-bar", "--proxy", "--python"),
    *("--python-version", "--retries", "--root", "--timeout", "--trusted-host", "--upgrade-strategy"),
}


@dataclass(frozen=True)
class Request:
    """One thing to install: a requirement `file` of the source, a `word` as for pip, a `tool` with its
    own lock, or the `project` itself (`pip install .`); `line` is that of the RUN."""

    kind: str
    text: str
    line: int


def requests(dockerfile: Dockerfile, files: ImageFiles) -> Iterator[Request]:
    """All requests of all stages: what a builder stage installs is copied on."""
    for stage in dockerfile.stages:
        for instruction in stage.instructions:
            if instruction.name == "RUN":
                yield from _of_run(instruction, stage, files)


def _of_run(instruction: Instruction, stage: Stage, files: ImageFiles) -> Iterator[Request]:
    text = " ".join(instruction.words) if instruction.words else instruction.text
    env = {name: value for name, value in stage.args.items() if value is not None} | dict(stage.env)
    for body in (text, *(heredoc.text for heredoc in instruction.heredocs)):
        for command in commands(body, env=env, cwd=stage.workdir or "/"):
            invocation = unwrap(command.argv)
            if invocation:
                yield from _of_command(invocation, command.cwd, instruction.line, files)


def _of_command(invocation: Invocation, cwd: str, line: int, files: ImageFiles) -> Iterator[Request]:
    program, words = invocation.target.rsplit("/", 1)[-1], list(invocation.arguments)
    if invocation.kind not in {"program", "python module"} or not words:
        return
    if program == "uv" and words[0] == "pip":
        program, words = "pip", words[1:]
    # pip takes options of its own before the verb: pip --python /venv/bin/python install …
    verb = next((place for place, word in enumerate(words) if word in _PIP_VERBS), None)
    if program in _PIPS and verb is not None:
        yield from _of_pip(words[verb + 1 :], cwd, line, files)
    elif program in LOCK_OF and words[0] in {"export", "install", "sync"}:
        yield Request("tool", program, line)
    elif program in _CONDAS:
        yield Request("tool", CONDA, line)


def _of_pip(words: list[str], cwd: str, line: int, files: ImageFiles) -> Iterator[Request]:
    rest = iter(words)
    for word in rest:
        option, equals, value = word.partition("=")
        if option in {"-r", "--requirement", "--requirements"}:
            yield from _file(value if equals else next(rest, ""), cwd, line, files)
        elif word.startswith("-r") and len(word) > 2:
            yield from _file(word[2:], cwd, line, files)
        elif option in _WITH_VALUE:
            if not equals:
                next(rest, None)
        elif word.startswith(".") or word in {"-e", "--editable"}:
            yield Request("project", word, line)
        elif not word.startswith(("-", "/", "$")):
            source = files.source(word, cwd) if word.endswith((".in", ".lock", ".txt")) else None
            yield Request("file", source, line) if source else Request("word", word, line)


def _file(path: str, cwd: str, line: int, files: ImageFiles) -> Iterator[Request]:
    source = files.source(path, cwd) or (path if path in files.paths else None)
    if source:
        yield Request("file", source, line)
