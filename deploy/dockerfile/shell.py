"""A shell line as the commands it would run, with the environment and folder each would see."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from deploy.dockerfile.words import plain, split

_ASSIGNMENT = re.compile(r"(?P<name>[A-Za-z_]\w*)=(?P<value>.*)", re.DOTALL)
_DEFAULT = re.compile(r"\$\{(?P<name>[A-Za-z_]\w*):=(?P<value>[^}]*)\}")
_REDIRECTION = re.compile(r"\d*(?:[<>]|&>).*")
_REDIRECTION_AHEAD = re.compile(r"\d*(?:>>?|<|&>>?)")
_KEYWORDS = {"!", "do", "done", "elif", "else", "fi", "if", "then", "time", "until", "while", "{", "}"}
_OPERATORS = {"&&", "||", ";", ";;", "|", "&", "\n", "(", ")"}
_TOKEN = re.compile(r"[\w./=:,@%+-]+|\\.|\$\(|&&|\|\||;;|\#[^\n]*|.", re.DOTALL)


@dataclass(frozen=True, kw_only=True)
class ShellCommand:
    """One command: its words after expansion, and what holds when it runs. `env` is the whole environment.

    `line` counts from 1 within the text.
    """

    argv: tuple[str, ...]
    line: int
    env: Mapping[str, str]
    cwd: str
    background: bool = False


@dataclass
class _State:
    env: dict[str, str]
    cwd: str
    arguments: tuple[str, ...] = ()


def commands(text: str, *, env: Mapping[str, str], cwd: str, arguments: tuple[str, ...] = ()) -> Iterator[ShellCommand]:
    """Walk the text in order. `arguments` stand for `"$@"`. What `$(...)` gives is not known and stays as written."""
    state = _State(env=dict(env), cwd=cwd, arguments=arguments)
    line, seen = 1, 0
    for place, part, operator in _parts(text):
        line, seen = line + text.count("\n", seen, place), place
        words = _words(part, state)
        while words and words[0] in _KEYWORDS:
            words = words[1:]
        local, words = _assignments(words)
        if not words:
            state.env |= local
        elif words[0] in {"export", "readonly", "declare"}:
            state.env |= _assignments(words[1:])[0]
        elif words[0] == "cd" and len(words) > 1:
            state.cwd = str(PurePosixPath(state.cwd, words[1]))
        else:
            environment = {**state.env, **local}
            background = operator == "&"
            yield ShellCommand(argv=tuple(words), line=line, env=environment, cwd=state.cwd, background=background)


def _words(part: str, state: _State) -> list[str]:
    for match in _DEFAULT.finditer(part):
        if not state.env.get(match["name"]):
            state.env[match["name"]] = plain(match["value"], state.env)
    part = _DEFAULT.sub(r"${\g<name>}", part)
    found: list[str] = []
    words = iter(split(part))
    for word in words:
        if _REDIRECTION_AHEAD.fullmatch(word):
            next(words, None)
        elif word in {'"$@"', "$@", '"${@}"', "$*"}:
            found.extend(state.arguments)
        elif not _REDIRECTION.fullmatch(word):
            value = plain(word, state.env)
            # A variable that is not set and not quoted leaves no word behind.
            found.extend([value] if value or not word.startswith("$") else [])
    return found


def _assignments(words: list[str]) -> tuple[dict[str, str], list[str]]:
    """The leading `NAME=value` words, and the rest."""
    given: dict[str, str] = {}
    for place, word in enumerate(words):
        match = _ASSIGNMENT.fullmatch(word)
        if not match:
            return given, words[place:]
        given[match["name"]] = match["value"]
    return given, []


def _parts(text: str) -> Iterator[tuple[int, str, str]]:
    """Split at operators outside quotes and `$(...)`: place, text, and the operator that ends it."""
    start, place, quote, depth = 0, 0, "", 0
    while place < len(text):
        token = _TOKEN.match(text, place)
        found = token.group() if token else text[place]
        if quote:
            quote = "" if found == quote else quote
        elif found in {"'", '"'}:
            quote = found
        elif found in {"$(", "("} and (depth or found == "$("):
            depth += 1
        elif found == ")" and depth:
            depth -= 1
        elif found.startswith("#") and (place == start or text[place - 1].isspace()):
            yield _part(text, start, place, "")
            start = place + len(found)
        elif found in _OPERATORS and not depth and not _is_redirection(text, place):
            yield _part(text, start, place, found)
            start = place + len(found)
        place += len(found)
    yield _part(text, start, place, "")


def _part(text: str, start: int, end: int, operator: str) -> tuple[int, str, str]:
    """Where it begins, its text, and the operator."""
    part = text[start:end]
    lead = len(part) - len(part.lstrip())
    return start + lead, part.replace("\\\n", " "), operator


def _is_redirection(text: str, place: int) -> bool:
    """`2>&1` and `&>file` hold an ampersand that starts nothing."""
    return (
        text[place] == "&"
        and text[place : place + 2] != "&&"
        and (text[place - 1 : place] in {">", "<"} or text[place : place + 2] == "&>")
    )
