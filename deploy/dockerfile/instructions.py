"""From the text of a Dockerfile to its instructions: directives, continuation lines, heredocs, JSON forms."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from deploy.dockerfile.words import split
from deploy.errors import SourceError

KNOWN = (
    *("ADD", "ARG", "CMD", "COPY", "ENTRYPOINT", "ENV", "EXPOSE", "FROM", "HEALTHCHECK", "LABEL", "MAINTAINER"),
    *("ONBUILD", "RUN", "SHELL", "STOPSIGNAL", "USER", "VOLUME", "WORKDIR"),
)
_LONGEST_LINE = 65_535
"""Bytes; BuildKit's scanner stops at a longer one (its parser, `handleScannerError`)."""
_MAY_BE_EMPTY = {"CMD", "ENTRYPOINT"}
_TAKES_HEREDOC = {"ADD", "COPY", "RUN"}
_DIRECTIVE = re.compile(r"#\s*(?P<name>[A-Za-z]\w*)\s*=\s*(?P<value>.+?)\s*")
_HEREDOC = re.compile(r"\d*<<(?P<strip>-?)(?P<quote>['\"]?)(?P<name>[^\s<'\"]+)(?P=quote)")
_FLAG = re.compile(r"--(?P<name>[a-z][\w-]*)(?:=(?P<value>.*))?", re.DOTALL)


class DockerfileError(SourceError):
    """The Dockerfile does not parse; `line` counts from 1."""

    def __init__(self, line: int, what: str, cure: str) -> None:
        super().__init__(f"Dockerfile, line {line}: {what}", next_step=cure)
        self.line = line
        self.problem = what
        self.cure = cure


@dataclass(frozen=True, kw_only=True)
class Heredoc:
    """A here-document: the line it begins on, and its text."""

    line: int
    name: str
    text: str


@dataclass(frozen=True, kw_only=True)
class Instruction:
    """One instruction. `text` is what follows the flags, continuation lines joined; `words` in exec form or None.

    A flag that stands there more than once, such as `--mount`, has a line for each time.
    """

    line: int
    name: str
    text: str
    flags: Mapping[str, str] = field(default_factory=dict)
    words: tuple[str, ...] | None = None
    heredocs: tuple[Heredoc, ...] = ()

    @property
    def texts(self) -> tuple[str, ...]:
        """What a RUN line has a shell read, or would."""
        return " ".join(self.words) if self.words else self.text, *(heredoc.text for heredoc in self.heredocs)


@dataclass(frozen=True, kw_only=True)
class Source:
    """The instructions in order, and the character that escapes and continues lines."""

    instructions: tuple[Instruction, ...]
    escape: str


def read(text: str) -> Source:
    """All instructions of a Dockerfile. Raises DockerfileError at the first that BuildKit would refuse."""
    lines = text.removeprefix("\ufeff").replace("\r\n", "\n").split("\n")
    long = next((number for number, line in enumerate(lines, start=1) if len(line.encode()) > _LONGEST_LINE), None)
    if long:
        raise DockerfileError(long, f"the line has more than {_LONGEST_LINE} bytes", "break it with \\, or COPY a file")
    escape = _escape(lines)
    instructions = tuple(_Reader(lines, escape).instructions())
    if not instructions:
        raise DockerfileError(1, "there is no instruction in it", "start it with FROM <image>")
    return Source(instructions=instructions, escape=escape)


def _escape(lines: list[str]) -> str:
    """Parser directives are comments of a known form before anything else, the empty line included."""
    seen: set[str] = set()
    escape = "\\"
    for number, line in enumerate(lines, start=1):
        directive = _DIRECTIVE.fullmatch(line.strip())
        name = directive["name"].lower() if directive else ""
        if not directive or name not in {"check", "escape", "syntax"}:
            break
        if name in seen:
            raise DockerfileError(number, f"the directive {name} stands here twice", "keep one of them")
        seen.add(name)
        if name == "escape":
            escape = directive["value"]
            if escape not in {"\\", "`"}:
                raise DockerfileError(number, f"{escape!r} cannot be the escape character", "use \\ or `")
    return escape


class _Reader:
    def __init__(self, lines: list[str], escape: str) -> None:
        self._lines = lines
        self._escape = escape
        self._next = 0
        mark = re.escape(escape)
        self._continued = re.compile(rf"(?:^|(?<!{mark})){mark}[ \t]*$")

    def instructions(self) -> Iterator[Instruction]:
        while self._next < len(self._lines):
            number = self._next + 1
            line = self._logical_line()
            if line:
                yield self._instruction(number, line)

    def _logical_line(self) -> str:
        """The next line with its continuation; comments and empty lines between its parts are left out."""
        parts: list[str] = []
        while self._next < len(self._lines):
            line = self._lines[self._next]
            self._next += 1
            skipped = line.strip() == "" or line.lstrip().startswith("#")
            if skipped and parts:
                continue
            if skipped:
                return ""
            more = self._continued.search(line)
            parts.append(line[: more.start()] if more else line)
            if not more:
                break
        return "".join(parts).strip()

    def _instruction(self, number: int, line: str) -> Instruction:
        word = line.split(maxsplit=1)[0]
        name = word.upper()
        if name not in KNOWN:
            close = difflib.get_close_matches(name, KNOWN, n=1)
            cure = f"did you mean {close[0]}?" if close else "each line begins with an instruction such as RUN or COPY"
            raise DockerfileError(number, f"{word} is not an instruction", cure)
        flags, text = _flags(line[len(word) :].strip(), self._escape)
        if not text and name not in _MAY_BE_EMPTY:
            raise DockerfileError(number, f"{name} has no argument", f"say what {name} is to do, or remove the line")
        heredocs = tuple(self._heredocs(number, name, text))
        return Instruction(line=number, name=name, text=text, flags=flags, words=_exec_form(text), heredocs=heredocs)

    def _heredocs(self, number: int, name: str, text: str) -> Iterator[Heredoc]:
        inner = text.split(maxsplit=1)[0].upper() if name == "ONBUILD" else name
        if inner not in _TAKES_HEREDOC:
            return
        for word in split(text, self._escape):
            start = _HEREDOC.fullmatch(word)
            if start:
                yield self._heredoc(number, start)

    def _heredoc(self, number: int, start: re.Match[str]) -> Heredoc:
        first = self._next
        body: list[str] = []
        for line in self._lines[first:]:
            self._next += 1
            kept = line.lstrip("\t") if start["strip"] else line
            if kept == start["name"]:
                text = "".join(f"{kept}\n" for kept in body)
                return Heredoc(line=first + 1, name=start["name"], text=text)
            body.append(kept)
        raise DockerfileError(
            number, f"the here-document {start['name']} does not end", f"end it with a line {start['name']}"
        )


def _flags(text: str, escape: str) -> tuple[dict[str, str], str]:
    flags: dict[str, str] = {}
    while text.startswith("--"):
        word = split(text, escape)[0]
        match = _FLAG.fullmatch(word)
        if match:
            value = match["value"]
            before = f"{flags[match['name']]}\n" if match["name"] in flags else ""
            flags[match["name"]] = before + ("true" if value is None else value.strip("\"'"))
        text = text[len(word) :].lstrip()
        if not match:
            break
    return flags, text


def _exec_form(text: str) -> tuple[str, ...] | None:
    """`["a", "b"]` as words. Text that is not quite JSON is a shell line, as it is to BuildKit."""
    if not text.startswith("["):
        return None
    try:
        words = json.loads(text)
    except ValueError:
        return None
    if isinstance(words, list) and all(isinstance(word, str) for word in words):
        return tuple(words)
    return None
