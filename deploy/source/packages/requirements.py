"""Requirement files as pip reads them."""

from __future__ import annotations

import codecs
import posixpath
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from packaging.markers import default_environment
from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

_COMMENT = re.compile(r"(?:^|\s+)#.*$")
_OPTION = re.compile(r"\s--(?:hash|config-settings|global-option|install-option)[=\s].*$", re.DOTALL)
_INCLUDED = re.compile(r"(?:-r|--requirement)[=\s]*(?P<path>\S+)")
_EGG = re.compile(r"[#&]egg=(?P<name>[\w.-]+)")
_WHEEL = re.compile(r"(?P<name>[A-Za-z0-9_.]+?)-\d[^/]*\.whl")
_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """One requirement. `name` is normalised; `pin` is the version of `==`, `extras` as written.

    `applies` is false where its marker rules the image out.
    """

    name: str
    file: str
    line: int
    text: str
    pin: str | None = None
    extras: frozenset[str] = field(default_factory=frozenset)
    applies: bool = True
    requirement: Requirement | None = None


@dataclass(frozen=True, kw_only=True)
class Unreadable:
    """A line that pip would stop at."""

    file: str
    line: int
    text: str


Read = Callable[[str], bytes | None]
"""A file of the source, or None when there is none at the path."""


def read_requirements(path: str, read: Read, python: str) -> Iterator[Wanted | Unreadable]:
    """All requirements of a file and of those it includes."""
    yield from _read(path, read, python, frozenset())


def decoded(content: bytes) -> str:
    """pip's rule: a byte order mark, else UTF-8. PowerShell writes UTF-16."""
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return content[len(mark) :].decode(encoding, errors="replace")
    return content.decode(errors="replace")


def one_requirement(text: str, path: str, line: int, python: str) -> Wanted | Unreadable:
    """A requirement that stands by itself, such as a word of a `pip install` line."""
    return _requirement(text, path, line, python)


def _read(path: str, read: Read, python: str, seen: frozenset[str]) -> Iterator[Wanted | Unreadable]:
    for number, line in _logical_lines(decoded(read(path) or b"")):
        included = _INCLUDED.match(line)
        if included:
            inner = posixpath.normpath(PurePosixPath(path).parent / included["path"])
            if inner not in seen:
                yield from _read(inner, read, python, seen | {path})
        elif line.startswith(("-e", "--editable")):
            yield from _named(line.split(maxsplit=1)[-1], path, number)
        elif not line.startswith("-"):
            yield _requirement(line, path, number, python)


def _logical_lines(text: str) -> Iterator[tuple[int, str]]:
    """Lines with their continuation, without comments; each with the number of its first."""
    number, parts = 0, ""
    for count, line in enumerate(text.splitlines(), start=1):
        number = number or count
        if line.rstrip().endswith("\\") and not line.lstrip().startswith("#"):
            parts += line.rstrip()[:-1] + " "
            continue
        whole = _COMMENT.sub("", parts + line).strip()
        if whole:
            yield number, whole
        number, parts = 0, ""


def _named(text: str, path: str, number: int) -> Iterator[Wanted]:
    """A project by its address: its name is known when the address tells it."""
    match = _EGG.search(text) or _WHEEL.search(text)
    if match:
        yield Wanted(name=canonicalize_name(match["name"]), file=path, line=number, text=text)


def _requirement(line: str, path: str, number: int, python: str) -> Wanted | Unreadable:
    text = _OPTION.sub("", f"{line} ").strip()
    try:
        parsed = Requirement(text)
    except InvalidRequirement:
        return next(_named(text, path, number), None) or _by_address(text, path, number)
    environment = _image_environment(python)
    return Wanted(
        name=canonicalize_name(parsed.name),
        file=path,
        line=number,
        text=text,
        pin=_pin(parsed),
        extras=frozenset(parsed.extras),
        applies=parsed.marker is None or parsed.marker.evaluate(environment),
        requirement=parsed,
    )


def _by_address(text: str, path: str, number: int) -> Wanted | Unreadable:
    """`git+https://host/owner/name` and `./folder` install something; its name is a guess from the address."""
    if "://" in text or text.startswith((".", "/")):
        name = PurePosixPath(text.partition("#")[0].partition("@")[0]).name.removesuffix(".git")
        return Wanted(name=canonicalize_name(name or "project"), file=path, line=number, text=text)
    return Unreadable(file=path, line=number, text=text)


def _pin(requirement: Requirement) -> str | None:
    exact = [part.version for part in requirement.specifier if part.operator in {"==", "==="}]
    return exact[0] if exact and not exact[0].endswith("*") else None


def _image_environment(python: str) -> Mapping[str, str]:
    """Marker values of a Linux container with this Python."""
    values: dict[str, str] = {name: str(value) for name, value in default_environment().items()}
    return values | {
        "os_name": "posix",
        "platform_machine": "x86_64",
        "platform_python_implementation": "CPython",
        "platform_system": "Linux",
        "implementation_name": "cpython",
        "python_full_version": f"{python}.0",
        "python_version": python,
        "sys_platform": "linux",
    }
