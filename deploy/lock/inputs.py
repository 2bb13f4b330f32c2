"""What an input asks for: `requirements.in` and the files it names with `-r` and `-c`, line by line."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

from deploy.errors import LockError
from deploy.lock.files import LockFile, read_text, relative
from deploy.requirements.lines import Line, read_requirements, without_passwords
from deploy.requirements.pins import digest_of, read_pins


@dataclass(frozen=True, kw_only=True)
class Finding:
    """Something wrong on a line of a file of the project."""

    file: str
    line: int
    what: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.what}"


@dataclass(kw_only=True)
class Inputs:
    """All that decides what a lock holds, beside the index. `files` is text by path relative to the project."""

    requirements: list[Line] = field(default_factory=list)
    constraints: list[Line] = field(default_factory=list)
    files: dict[str, str] = field(default_factory=dict)


def read_inputs(path: Path, root: Path) -> Inputs:
    """Read an input and the files it names.

    Raises LockError with every line that would tie the lock to a host or a machine (indexes, links, paths, URLs,
    version control), and with those that pip would not understand.
    """
    inputs, refused, start = Inputs(), list[Finding](), relative(path, root)

    def read(name: str) -> bytes | None:
        if name != start and not Path(os.path.normpath(root / name)).is_relative_to(root):
            return None
        inputs.files[name] = read_text(root / name, name)
        return inputs.files[name].encode()

    for line in read_requirements(start, read):
        if what := _refusal(line):
            refused.append(Finding(file=line.file, line=line.line, what=what))
        (inputs.constraints if line.constraint else inputs.requirements).append(line)
    if refused:
        raise LockError(
            f"{start} asks for what a lock cannot hold.",
            cause="a lock names released packages only: an index, link, path or URL holds on one machine",
            next_step="mend those lines and run: invoke lock",
            details=tuple(map(str, refused)),
        )
    return inputs


def _refusal(line: Line) -> str:
    """Why a lock cannot hold it; "" when it can."""
    text = without_passwords(line.text)
    if line.kind == "include":
        return f"{without_passwords(line.address)} is outside the project"
    if line.why:
        return f"pip does not read {text!r}: {line.why}"
    if line.requirement is None:
        return f"{text!r} does not name a released package"
    return f"{line.name} comes from an address" if line.requirement.url else ""


# What a lock says of them --------------------------------------------------------------------------------


def with_header(lock_file: LockFile, inputs: Inputs, body: str) -> str:
    """The text of a lock: where it comes from, in three lines, and what pip-compile wrote."""
    return (
        f"# Made by `invoke lock` for {lock_file.made_for}; change {lock_file.input.name} instead.\n"
        f"# inputs sha256:{inputs_digest(lock_file, inputs)}\n"
        f"# pins sha256:{read_pins(body).digest}\n"
        f"{body}"
    )


def inputs_digest(lock_file: LockFile, inputs: Inputs) -> str:
    """Of the requirements as pip understands them, so that comments and spaces do not count."""
    asked = [f"{item.name} {item.requirement}" for item in inputs.requirements]
    bounds = [f"{item.name} {item.requirement}" for item in inputs.constraints]
    return digest_of([lock_file.made_for, *asked, "bounds", *sorted(bounds)])
