"""The last error that a log tells: of a traceback its last block, else the last line that says of itself it is one."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import dropwhile

from deploy.wording import in_brief

LONGEST = 300
"""Characters of an error that a message repeats."""
_READ = 4000
"""Characters of a line that are looked at."""
_HEAD = "Traceback (most recent call last):"
_FRAME = re.compile(r'^\s+File "(?P<file>[^"]+)", line (?P<line>\d+)')
_FOREIGN = re.compile(r"/(?:site|dist)-packages/|/lib/python\d|^<")
_EXCEPTION = re.compile(r"^[A-Za-z_][\w.]*(?:Error|Exception|Interrupt|Exit)\b")
_STAMP = r"^[\W\dTZ]{0,60}"
"""What loggers write before the level: a date, a process id, a bracket."""
_DATED = r"^[\W\d]{8,60}(?:\w+\W{1,4}){1,6}"
"""The same with names behind the date."""
_TELLING = re.compile(
    rf"{_STAMP}(?i:error|fatal|critical|panic|fail)\b(?:[\]:!(|-]|\s|$)"
    rf"|{_DATED}(?:ERROR|CRITICAL|FATAL)\b"
    r"|^\s*[\w./:(),-]+: (?:fatal )?(?i:error)(?: [A-Z]+\d+)?: |^\s*(?:\w+ ){1,3}[Ee]rror: "
    r"|^[EF]: |^\s*ERR_\w+ |^npm (?:error|ERR!)|^\s*(?:×|╰─▶) "
    r"|^[\w./-]+(?:\[\d+\]|:\d+)?: .*(?i:not found|no such file|permission denied|cannot |can't |illegal option"
    r"|no module|invalid|not unique|exec format|bad interpreter|syntax error|unbound|must be|unexpected|is a directory)"
    r"|^exec \S+: |^(?:Failed to|Could not|Cannot|Unable to|could not) |Segmentation fault|core dumped"
    r"|^Exception in thread |^thread '.*' panicked|^docker: |^COPY failed|^failed to (?:solve|compute)"
    r"|\b(?:OOMKilled|MemoryError|Out of memory|Memory limit exceeded)\b"
)
_QUIET = re.compile(
    rf"{_STAMP}(?:WARN|INFO|DEBUG|NOTICE)(?:ING)?\b|^(?i:warn|info|debug|notice)(?:ing)?[:! ]"
    rf"|{_DATED}(?:WARNING|WARN|INFO|DEBUG)\b|\b\w*Warning: |^Exception ignored|^npm warn|^debconf: "
)
"""What is only mentioned."""
_FOLLOWS = re.compile(
    r"Application startup failed|Worker \(pid:\d+\)|Worker failed to boot|Shutting down: |App failed to load"
    r"|Exception in worker process|Child process \[\d+\]|CancelledError|^KeyboardInterrupt|ExceptionGroup"
    r"|Failed (?:to build|building) |subprocess-exited|did not run successfully|metadata-generation|Encountered error"
    r"|Ignored the following|compilation terminated|\*\*\* |command .* failed with exit code|build stopped"
    r"|npm (?:error|ERR!)(?: +(?:code|errno|syscall|path|command|workspace|location|Lifecycle|A complete|To see|Did you"
    r"|  )|$)"
    r"|executor failed running|did not complete successfully|^Aborted!|ResolutionImpossible|HaltServer"
    r"|^During handling of|^The above exception"
)
"""What an error brings about: it is the cause only where nothing else is said."""
_ANNOUNCES = re.compile(r":$|^Error$|validation errors? for \w+$")
_BUILD_PREFIX = re.compile(r"^#\d+ \d+\.\d+ ?")
_DRAWN = re.compile(r"\x1b\[[0-9;]*m|^ *\| |^╭─+ |[ ─]*[╮│]$|^│(?= )")
"""Colours, the bars before the lines of a group of exceptions, and boxes around what is said."""
_UNHEARD = ("Exception ignored", "Task exception was never retrieved")
"""Above the traceback of something that nobody waited for."""


@dataclass(frozen=True, kw_only=True)
class LoggedError:
    """`lines` are the message, `trace` the frames above it, `later` the last line of substance below it."""

    lines: tuple[str, ...]
    trace: tuple[str, ...] = ()
    later: str = ""

    @property
    def message(self) -> str:
        """Its first line; with those that belong to it where that only announces them."""
        lines = self.lines if _ANNOUNCES.search(self.lines[0]) else self.lines[:1]
        return in_brief(" ".join(lines), LONGEST)

    @property
    def place(self) -> str | None:
        """`/app/main.py:14`: the last frame that is neither Python's nor a package's."""
        own = [frame for line in self.trace if (frame := _FRAME.match(line)) and not _FOREIGN.search(frame["file"])]
        return f"{own[-1]['file']}:{own[-1]['line']}" if own else None

    @property
    def told(self) -> str:
        """The message, and where it arose; of a single line that others follow, also how that went on."""
        if self.place:
            return f"{self.message} ({self.place})"
        return f"{self.message}; the last it wrote: {self.later}" if self.later and not self.trace else self.message

    @property
    def text(self) -> str:
        return "\n".join((*self.trace, *self.lines))


def last_error(log: Iterable[str]) -> LoggedError | None:
    """What ended it, as far as the log says; None when it names no error. What is only a warning is none."""
    found = list(_errors(list(messages(log))))
    return next(dropwhile(_only_follows, reversed(found)), found[-1] if found else None)


def last_words(log: Iterable[str]) -> str | None:
    """The last line of all, for a program that named no error."""
    return next((in_brief(line, LONGEST) for line in reversed(list(messages(log))) if line.strip()), None)


def _only_follows(error: LoggedError) -> bool:
    return bool(_FOLLOWS.search(error.lines[0]))


def _errors(lines: list[str]) -> Iterator[LoggedError]:
    at, final = 0, next((at for at in reversed(range(len(lines))) if _matters(lines[at])), -1)
    while at < len(lines):
        traced = bool(_HEAD in lines[at] or _FRAME.match(lines[at]))
        start = _end_of_trace(lines, at) if traced else at
        if not traced and not _is_error(lines[at]):
            at += 1
            continue
        if start == len(lines):
            return
        end = _end_of_message(lines, start)
        if not (traced and any(line.startswith(_UNHEARD) for line in lines[max(0, at - 2) : at])):
            told = tuple(line.strip() for line in lines[start:end])
            later = lines[final].strip() if final >= end else ""
            yield LoggedError(lines=_without_trailers(told), trace=tuple(lines[at:start]), later=later)
        at = end


def _without_trailers(told: tuple[str, ...]) -> tuple[str, ...]:
    """npm says what it is in the midst of lines that every failure of npm has."""
    npm = told[0].startswith("npm ")
    return tuple(line for line in told if not (npm and _FOLLOWS.search(line))) or told


def _is_error(line: str) -> bool:
    return bool(_TELLING.search(line) or _EXCEPTION.match(line)) and not _QUIET.search(line)


def _end_of_trace(lines: list[str], at: int) -> int:
    """The index of the exception's own line: the first that is not indented; behind the last where it is cut off."""
    following = range(at + 1, len(lines))
    return next((index for index in following if lines[index] and not lines[index].startswith(" ")), len(lines))


def _end_of_message(lines: list[str], start: int) -> int:
    """Behind the last line that goes on with the error of `start`: up to a blank, a log's line, another error."""
    npm, goes_on = lines[start].startswith("npm "), _EXCEPTION.match(lines[start]) or lines[start].endswith(":")
    for index in range(start + 1, len(lines)):
        line = lines[index]
        if npm and line.startswith("npm "):
            continue
        if not line.strip() or _HEAD in line or _QUIET.search(line) or not (goes_on or line.startswith(" ")):
            return index
        if _is_error(line):
            return index
    return len(lines)


def _matters(line: str) -> bool:
    return bool(line.strip()) and not _QUIET.search(line) and not _FOLLOWS.search(line)


def messages(log: Iterable[str]) -> Iterator[str]:
    """The lines without what a build writes before them; of a line of JSON, as many programs log, its message and
    traceback line by line."""
    for line in log:
        record = _record(line) if line.startswith("{") else {}
        found = [text for name in ("message", "exception") if isinstance(text := record.get(name), str)]
        for text in found or [line]:
            yield from (_plain(part) for part in text.splitlines())


def _plain(line: str) -> str:
    return _DRAWN.sub("", _BUILD_PREFIX.sub("", line[:_READ].rstrip()))


def _record(line: str) -> dict[str, object]:
    try:
        found = json.loads(line)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
