"""Requirement files as pip reads them, by the parser of the pip that is pinned for pip-tools.

No variable is replaced: what this machine's environment holds is not what the image's does, and may be a secret.
"""

from __future__ import annotations

import optparse
import posixpath
import re
import shlex
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from operator import itemgetter
from pathlib import Path, PurePosixPath
from typing import Any, Literal

from packaging.markers import UndefinedComparison
from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name
from pip._internal.req import req_file

_NAMED = (re.compile(r"[#&]egg=(?P<name>[\w.-]+)"), re.compile(r"(?P<name>[A-Za-z0-9_.]+?)-\d[^/]*\.(?:whl|zip|tar\.)"))
_ADDRESS = re.compile(r"\.|.*(?:/|\.(?:whl|zip|tgz|tar(?:\.\w+)?)$)", re.DOTALL)
_COMMENT = re.compile(r"(?:^|(?<=\s))#.*$")
"""pip's own takes the blanks before it as well, and a minute for a line that has many."""
_HASHES = re.compile(r"(?:--hash=sha(?:256|384|512):[0-9a-f]+\s*)+")
_DEEPEST = 100
"""Files that include files; Python does not go much deeper, and so neither does pip."""
_PASSWORD = re.compile(r"(?<=://)[^/@\s]+@")
_PARSER = req_file.build_parser()
_PARSER.set_usage(optparse.SUPPRESS_USAGE)  # it would be printed at each error

Read = Callable[[str], bytes | None]
"""A file by its posix path, or None when there is none."""


@dataclass(frozen=True, kw_only=True)
class Line:
    """A logical line, its comments removed, and the physical one on which it begins, counted from 1.

    Of kind `package` it has a `requirement`; `address` is a URL, a path, or what `-e` names; `option` is a setting of
    pip's; `include` names a file that is not there, or is elsewhere on the network; at `invalid` every pip stops.
    `why` says what for, or what of its options this pip does not know. `constraint`: it only bounds what others ask
    for. `source` is the text with comments, up to the next line.
    """

    kind: Literal["package", "address", "option", "include", "invalid"]
    file: str
    line: int
    text: str
    source: str = ""
    requirement: Requirement | None = None
    address: str = ""
    hashes: tuple[str, ...] = ()
    constraint: bool = False
    why: str = ""

    @property
    def installs(self) -> bool:
        return self.kind in {"package", "address"} and not self.constraint

    @property
    def name(self) -> str:
        """Normalised; that of an address is what the address tells, or its last word."""
        if self.requirement:
            return canonicalize_name(self.requirement.name)
        told = next((match["name"] for pattern in _NAMED if (match := pattern.search(self.address))), None)
        path = PurePosixPath(_PASSWORD.sub("", self.address).partition("#")[0].partition("@")[0])
        return canonicalize_name(told or path.name.removesuffix(".git") or "project")

    @property
    def extras(self) -> frozenset[str]:
        return frozenset(self.requirement.extras) if self.requirement else frozenset()

    @property
    def pin(self) -> str | None:
        """The version of `==`."""
        exact = [part for part in self.requirement.specifier if part.operator[:2] == "=="] if self.requirement else []
        return exact[0].version if exact and not exact[0].version.endswith("*") else None

    @property
    def is_local(self) -> bool:
        """A folder or file of the machine that installs it, or something to work on (`-e`)."""
        elsewhere = "://" in self.address and not self.address.startswith("file:")
        return self.kind == "address" and (not elsewhere or self.text.startswith("-"))

    def applies(self, environment: Mapping[str, str]) -> bool:
        """False where its marker rules the environment out."""
        marker = self.requirement.marker if self.requirement else None
        return marker is None or marker.evaluate(environment)


def without_passwords(text: str) -> str:
    """For people to see."""
    return _PASSWORD.sub("***@", text)


def read_file(path: str) -> bytes | None:
    """One of this machine. What only looks like a file, a pipe or a folder, is none."""
    return Path(path).read_bytes() if Path(path).is_file() else None


def read_requirements(path: str, read: Read) -> Iterator[Line]:
    """All lines of a file and of those it includes, each file once; nothing when there is no such file."""
    return _Files(read, set()).lines(path, constraint=False, through=())


def parse_lines(content: str, path: str = "", *, constraint: bool = False) -> Iterator[Line]:
    """The lines of one text. Files that it includes are lines of kind `include`."""
    raw = content.splitlines()
    joined = ((number, _COMMENT.sub("", line).strip()) for number, line in req_file.join_lines(enumerate(raw, start=1)))
    for (number, text), (end, _) in pairwise([*filter(itemgetter(1), joined), (len(raw) + 1, "")]):
        source = "\n".join(raw[number - 1 : end - 1])
        yield Line(file=path, line=number, text=text, source=source, **{"constraint": constraint, **_parsed(text)})


def parse_word(text: str, path: str, line: int) -> Line:
    """A requirement that stands by itself, such as a word of `pip install`."""
    return Line(file=path, line=line, text=text, **_required(text))


def decoded(content: bytes) -> str:
    """pip's rule: a byte order mark, a declaration as in Python files, else UTF-8. Raises UnicodeError, LookupError."""
    mark, encoding = next((mark for mark in req_file.BOMS if content.startswith(mark[0])), (b"", "utf-8"))
    declared = (
        req_file.PEP263_ENCODING_RE.search(line) for line in content.split(b"\n", 2)[:2] if line.startswith(b"#")
    )
    found = None if mark else next(filter(None, declared), None)
    return content[len(mark) :].decode(found[1].decode("ascii") if found else encoding)


@dataclass(frozen=True)
class _Files:
    read: Read
    seen: set[tuple[str, bool]]

    def lines(self, path: str, *, constraint: bool, through: tuple[str, ...]) -> Iterator[Line]:
        self.seen.add((path, constraint))
        try:
            text = decoded(self.read(path) or b"")
        except (UnicodeError, LookupError) as error:
            yield Line(kind="invalid", file=path, line=1, text="", why=f"it is not text: {error}")
            return
        for line in parse_lines(text, path, constraint=constraint):
            if line.kind == "include":
                yield from self._included(line, (*through, path))
            else:
                yield line

    def _included(self, line: Line, through: tuple[str, ...]) -> Iterator[Line]:
        path = posixpath.normpath(posixpath.join(posixpath.dirname(line.file), line.address))
        if path in through or len(through) > _DEEPEST:
            yield replace(line, kind="invalid", why="the file includes itself")
        elif req_file.SCHEME_RE.match(line.address) or self.read(path) is None:
            yield line
        elif (path, line.constraint) not in self.seen:
            yield from self.lines(path, constraint=line.constraint, through=through)


def _parsed(text: str) -> dict[str, Any]:
    """As pip does it: the requirement is what stands before the first option."""
    wanted, options = req_file.break_args_options(text)
    if wanted and (not options or _HASHES.fullmatch(options)):  # as locks have them by the thousand
        return {"hashes": tuple(word.partition("=")[2] for word in options.split()), **_required(wanted)}
    try:
        given = _options(options)
    except (req_file.OptionParsingError, ValueError) as error:
        why = str(getattr(error, "msg", error)).rpartition("error: ")[2].strip()
        return {"why": why, **(_required(wanted) if wanted else {"kind": "option"})}
    if wanted:
        hashes = ((kind, digest) for kind, digests in (given.hashes or {}).items() for digest in digests)
        return {"hashes": tuple(map(":".join, hashes)), **_required(wanted)}
    if given.editables:
        return {"kind": "address", "address": given.editables[0]}
    included = [*given.requirements, *given.constraints]
    kind = "include" if included else "option"
    return {"kind": kind, "address": "".join(included[:1]), "constraint": bool(included) and not given.requirements}


def _options(text: str) -> optparse.Values:
    # The lists among the defaults are what pip's parser appends to.
    values = {name: list(value) if isinstance(value, list) else value for name, value in _PARSER.defaults.items()}
    return _PARSER.parse_args(shlex.split(text), optparse.Values(values))[0]


def _required(text: str) -> dict[str, Any]:
    try:
        requirement = Requirement(text)
        if requirement.marker and ("~=" in text or "===" in text):
            requirement.marker.evaluate()  # which these may not let it
        return {"kind": "package", "requirement": requirement}
    except (InvalidRequirement, UndefinedComparison, RecursionError) as error:
        if _ADDRESS.match(text) or req_file.ENV_VAR_RE.search(text):
            return {"kind": "address", "address": text.strip()}
        return {"kind": "invalid", "why": str(error).partition("\n")[0]}
