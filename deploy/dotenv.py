"""Strict .env files: python-dotenv parses, and every doubtful line is an error with its number."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from dotenv.parser import Binding, parse_stream

from deploy.errors import ConfigError
from deploy.secret import Secret
from deploy.wording import counted

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One assignment: the value (nothing is interpolated) and where it stands, `<file>:<line>`."""

    value: Secret
    where: str


def read_env_file(path: Path) -> dict[str, Entry]:
    """The assignments of one file by name; a missing file is an empty one.

    Raises ConfigError that lists every line that does not parse, has no `=`, or repeats a name.
    """
    try:
        with path.open(encoding="utf-8-sig") as stream:
            bindings = list(parse_stream(stream))
    except FileNotFoundError:
        return {}
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path.name} is not UTF-8 text.", cause=str(error.reason)) from error
    entries: dict[str, Entry] = {}
    problems: list[str] = []
    for binding in bindings:
        where = f"{path.name}:{_line(binding)}"
        problem = _problem(binding, entries)
        if problem:
            problems.append(f"{where}: {problem}")
        elif binding.key is not None:
            entries[binding.key] = Entry(value=Secret(binding.value or ""), where=where)
    if problems:
        raise _bad_lines(path, problems)
    return entries


def _problem(binding: Binding, seen: dict[str, Entry]) -> str | None:
    if binding.error:
        return "is not NAME=value (an unclosed quote, or a stray character)"
    if binding.key is None:
        return None
    if not NAME.fullmatch(binding.key):
        return f"{binding.key!r} is not a name: letters, digits and _ only, no digit first"
    if binding.value is None:
        return f"{binding.key} has no '='"
    if binding.key in seen:
        return f"{binding.key} was set before, in {seen[binding.key].where}"
    return None


def _line(binding: Binding) -> int:
    """python-dotenv counts blank lines before an assignment as part of it; people do not."""
    text = binding.original.string
    return binding.original.line + text[: len(text) - len(text.lstrip())].count("\n")


def _bad_lines(path: Path, problems: Iterable[str]) -> ConfigError:
    found = tuple(problems)
    return ConfigError(
        f"{path.name} has {counted(len(found), 'bad line')}.",
        cause="a value that is read differently from what was meant would be sent to the Space",
        next_step=f"mend {path.name}, one NAME=value a line, quotes closed, each name once",
        details=found,
    )
