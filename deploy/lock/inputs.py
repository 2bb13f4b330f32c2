"""What an input asks for: `requirements.in` and the files it names with `-r` and `-c`, line by line."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from deploy.errors import LockError
from deploy.lock.files import relative

_REFERENCE = re.compile(r"(?P<option>-r|-c|--requirement|--constraint)(?:\s+|=|(?<=-[rc]))(?P<file>\S+)")
_COMMENT = re.compile(r"(^|\s+)#.*$")


@dataclass(frozen=True, kw_only=True)
class Finding:
    """Something wrong on a line of a file of the project."""

    file: str
    line: int
    what: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.what}"


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One requirement, or one bound of a constraints file, and where it stands."""

    file: str
    line: int
    requirement: Requirement

    @property
    def name(self) -> str:
        return canonicalize_name(self.requirement.name)


@dataclass(kw_only=True)
class Inputs:
    """All that decides what a lock holds, beside the index. `files` is text by path relative to the project."""

    requirements: list[Asked] = field(default_factory=list)
    constraints: list[Asked] = field(default_factory=list)
    files: dict[str, str] = field(default_factory=dict)


def read_inputs(path: Path, root: Path) -> Inputs:
    """Read an input and the files it names.

    Raises LockError with every line that would tie the lock to a host or a machine (indexes, links, paths, URLs,
    version control), and with those that pip would not understand.
    """
    inputs = Inputs()
    refused = list(_read(path, root, inputs.requirements, inputs))
    if refused:
        raise LockError(
            f"{relative(path, root)} asks for what a lock cannot hold.",
            cause="a lock names released packages only: an index, link, path or URL holds on one machine",
            next_step="mend those lines and run: invoke lock",
            details=tuple(map(str, refused)),
        )
    return inputs


def _read(path: Path, root: Path, into: list[Asked], inputs: Inputs) -> Iterator[Finding]:
    """Fill `into` from one file and `inputs` from those it names; yields the lines that are refused."""
    name = relative(path, root)
    if name in inputs.files:
        return
    inputs.files[name] = _text(path, name)
    for number, line in logical_lines(inputs.files[name]):
        if reference := _REFERENCE.fullmatch(line):
            other = Path(os.path.normpath(path.parent / reference["file"]))
            bounds = reference["option"] in {"-c", "--constraint"}
            if other.is_relative_to(root):
                yield from _read(other, root, inputs.constraints if bounds else into, inputs)
            else:
                yield Finding(file=name, line=number, what=f"{reference['file']} is outside the project")
        elif isinstance(asked := _asked(name, number, line), Finding):
            yield asked
        else:
            into.append(asked)


def _asked(file: str, line: int, text: str) -> Asked | Finding:
    try:
        requirement = Requirement(text.partition(" --hash=")[0])
    except InvalidRequirement:
        return Finding(file=file, line=line, what=f"{text!r} does not name a released package")
    if requirement.url:
        return Finding(file=file, line=line, what=f"{requirement.name} comes from an address")
    return Asked(file=file, line=line, requirement=requirement)


def _text(path: Path, name: str) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise LockError(
            f"{name} cannot be read.", cause=str(error), next_step="put it there, or do not name it with -r or -c"
        ) from error


def logical_lines(text: str) -> Iterator[tuple[int, str]]:
    """Lines as pip joins them at a backslash, without comments; numbered by where each begins."""
    first, parts = 0, list[str]()
    for number, line in enumerate(text.splitlines(), start=1):
        first = first or number
        parts.append(_COMMENT.sub("", line.removesuffix("\\")).strip())
        if line.endswith("\\"):
            continue
        if joined := " ".join(filter(None, parts)):
            yield first, joined
        first, parts = 0, []
    if joined := " ".join(filter(None, parts)):
        yield first, joined
