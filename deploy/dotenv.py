"""Strict .env files: python-dotenv parses, and every doubtful line is an error with its number."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

from dotenv.parser import Binding, parse_stream

from deploy.errors import ConfigError
from deploy.secret import Secret
from deploy.wording import counted

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


@dataclass(frozen=True, kw_only=True)
class Assignment:
    """One assignment: the value (nothing is interpolated) and where it stands, `<file>:<line>`."""

    value: Secret
    where: str


def read_env_file(path: Path) -> dict[str, Assignment]:
    """The assignments of one file by name; a missing file is an empty one.

    Raises ConfigError when it cannot be read, or listing every line that does not parse, has no `=`,
    or repeats a name.
    """
    entries: dict[str, Assignment] = {}
    problems: list[str] = []
    for binding in parse_stream(StringIO(_text(path), newline=None)):
        where = f"{path.name}:{_line(binding)}"
        problem = _problem(binding, entries)
        if problem:
            problems.append(f"{where}: {problem}")
        elif binding.key is not None:
            entries[binding.key] = Assignment(value=Secret(binding.value or ""), where=where)
    if problems:
        raise _bad_lines(path, problems)
    return entries


def legible(path: Path) -> Iterator[tuple[str, Secret]]:
    """Each name and value that can be read, also in a file that `read_env_file` refuses: what must not be shown."""
    if os.access(path, os.R_OK) and path.is_file():
        for binding in parse_stream(StringIO(path.read_text(encoding="utf-8", errors="replace"))):
            if binding.key is not None and binding.value:
                yield binding.key, Secret(binding.value)


def _text(path: Path) -> str:
    if path.exists() and not path.is_file():
        raise ConfigError(
            f"{path.name} cannot be read: it is no file.",
            next_step=f"ls -l {path}; put a file of NAME=value lines there",
        )
    try:
        raw = path.read_bytes()
        return raw.decode("utf-8")
    except FileNotFoundError:
        return ""
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise ConfigError(f"{path.name}:{line} is not UTF-8 text.", next_step=f"save {path.name} as UTF-8") from error
    except OSError as error:
        raise ConfigError(f"{path.name} cannot be read: {error.strerror}.") from error


def _problem(binding: Binding, seen: dict[str, Assignment]) -> str | None:
    """A bad line is not repeated: it is often a further line of a key that lacks its quotes."""
    if binding.error:
        return "is not NAME=value (an unclosed quote, or a stray character)"
    if binding.key is None:
        return None
    if binding.value is None:
        return "has no '='"
    if not NAME.fullmatch(binding.key):
        return "has no name before its '=': letters, digits and _ only, no digit first"
    if binding.key in seen:
        return f"{binding.key} was set before, in {seen[binding.key].where}"
    return _doubtful(binding.value, binding.original.string.partition("=")[2].strip())


def _doubtful(value: str, written: str) -> str | None:
    """Why the value is hardly what was meant by what is `written`."""
    if value[:1] in {"“", "”", "‘", "’"}:
        return "has typographic quotes, which would be part of the value: use straight ones"
    if written != value and written[:1] not in {"'", '"'} and _is_open(value):
        return "ends at ' #' inside quotes or brackets: put the whole value in single quotes"
    return None


def _is_open(value: str) -> bool:
    pairs = (("(", ")"), ("[", "]"), ("{", "}"))
    return any(value.count(mark) % 2 for mark in "'\"") or any(value.count(a) > value.count(b) for a, b in pairs)


def _line(binding: Binding) -> int:
    """python-dotenv counts blank lines before an assignment as part of it; people do not."""
    text = binding.original.string
    return binding.original.line + text[: len(text) - len(text.lstrip())].count("\n")


def _bad_lines(path: Path, problems: Iterable[str]) -> ConfigError:
    found = tuple(problems)
    return ConfigError(
        f"{path.name} has {counted(len(found), 'bad line')}.",
        cause="a value that is read differently from what was meant would be sent to the Space",
        next_step=f"mend {path.name}, one NAME=value a line, quotes closed and around lines and ' #', each name once",
        details=found,
    )
