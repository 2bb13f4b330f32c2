"""Programs that only start another one: shells, init programs, environments, interpreters."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

Kind = Literal["program", "shell text", "shell file", "python file", "python module", "python text"]

_SHELLS = {"ash", "bash", "dash", "sh", "zsh"}
_PYTHON = re.compile(r"(?:python|pypy)(?:3(?:\.\d+)?)?")
_RUNNER_VALUES = {
    "--directory", "--env-file", "--extra", "--group", "--index-url", "--no-group", "--only-group", "--package",
    "--project", "--python", "--with", "--with-requirements", "-n", "-p",
}  # fmt: skip
_PYTHON_VALUES = {"-W", "-X", "--check-hash-based-pycs"}


@dataclass(frozen=True)
class Invocation:
    """What a command comes to: of which kind, what it names or says, and the arguments after it."""

    kind: Kind
    target: str
    arguments: tuple[str, ...] = ()


def unwrap(argv: Sequence[str]) -> Invocation | None:
    """The program behind wrappers; None when nothing is left."""
    words = list(argv)
    while words:
        program = words[0].rsplit("/", 1)[-1]
        if program in _SHELLS:
            return _shell(words[1:])
        if _PYTHON.fullmatch(program):
            return _python(words[1:])
        wrapper = _WRAPPERS.get(program)
        inner = wrapper(words[1:]) if wrapper else None
        if inner is None:
            return Invocation("program", words[0], tuple(words[1:]))
        words = inner
    return None


def _after_options(words: list[str], with_value: set[str]) -> list[str]:
    while words and words[0].startswith("-"):
        if words[0] == "--":
            return words[1:]
        words = words[2:] if words[0] in with_value else words[1:]
    return words


def _plain(words: list[str]) -> list[str] | None:
    return _after_options(words, set())


def _init(words: list[str]) -> list[str] | None:
    return _after_options(words, {"-e", "-p"})


def _user(words: list[str]) -> list[str] | None:
    return words[1:]


def _env(words: list[str]) -> list[str] | None:
    rest = _after_options(words, {"-u", "-C"})
    return rest[next((place for place, word in enumerate(rest) if "=" not in word), len(rest)) :]


def _runner(words: list[str]) -> list[str] | None:
    """`uv run uvicorn`, `poetry run python -m app`, `uv run -m app`."""
    if words[:1] != ["run"]:
        return None
    return ["python", *words[1:]] if words[1:2] == ["-m"] else _after_options(words[1:], _RUNNER_VALUES)


def _conda(words: list[str]) -> list[str] | None:
    return _after_options(words[1:], {"-n", "--name", "-p", "--prefix", "--cwd"}) if words[:1] == ["run"] else None


def _newrelic(words: list[str]) -> list[str] | None:
    return words[1:] if words[:1] == ["run-program"] else None


_WRAPPERS: Mapping[str, Callable[[list[str]], list[str] | None]] = {
    **dict.fromkeys(("command", "ddtrace-run", "exec", "nohup", "stdbuf", "time", "xvfb-run"), _plain),
    "opentelemetry-instrument": _plain,
    **dict.fromkeys(("catatonit", "dumb-init", "tini", "tini-static"), _init),
    **dict.fromkeys(("gosu", "su-exec"), _user),
    **dict.fromkeys(("hatch", "pdm", "pipenv", "pixi", "poetry", "rye", "uv"), _runner),
    "conda": _conda,
    "env": _env,
    "newrelic-admin": _newrelic,
}
"""Each takes the words after the wrapper's name and gives those it hands on; None when it starts nothing."""


def _shell(words: list[str]) -> Invocation | None:
    """`sh -euc "text"`, `bash -o pipefail -c "text"`, `bash script.sh arguments`."""
    text_follows = False
    while words and words[0].startswith(("-", "+")):
        letters, words = words[0], words[1:]
        if letters == "--":
            break
        text_follows = text_follows or (not letters.startswith("--") and "c" in letters)
        if not letters.startswith("--") and letters.endswith("o"):
            words = words[1:]
    if not words:
        return None
    return Invocation("shell text" if text_follows else "shell file", words[0], tuple(words[1:]))


def _python(words: list[str]) -> Invocation | None:
    while words and words[0].startswith("-") and words[0] not in {"-m", "-c"}:
        words = words[2:] if words[0] in _PYTHON_VALUES else words[1:]
    if not words:
        return None
    if words[0] in {"-m", "-c"}:
        kind: Kind = "python module" if words[0] == "-m" else "python text"
        return Invocation(kind, words[1], tuple(words[2:])) if len(words) > 1 else None
    return Invocation("python file", words[0], tuple(words[1:]))
