"""The known failures of a backend on a Space, recognised in its logs: cause, the line that shows it, cure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

_ERROR_LINE = re.compile(r"([a-z_]\w*\.)*[A-Z]\w*(Error|Exception|Interrupt|Exit)\b")


@dataclass(frozen=True, kw_only=True)
class Diagnosis:
    """What the log gives away. `evidence` is the line that was recognised."""

    cause: str
    evidence: str
    cure: str

    @property
    def lines(self) -> tuple[str, ...]:
        return (f"cause:    {self.cause}", f"evidence: {self.evidence}", f"cure:     {self.cure}")


@dataclass(frozen=True)
class _Known:
    pattern: str
    cause: str
    cure: str
    hides_the_app: bool = False
    """Nobody gets an answer from an app that fails so."""


_FAILURES = (
    _Known(
        r"No module named '?(?P<what>[\w.]+)'?",
        "the module {what} is not there: its package is not in the lock, or the import path starts at another folder",
        "add the package to requirements.in and run `invoke lock`; or import from the root of the shipped folder",
    ),
    _Known(
        r"Could not import module \"(?P<what>[\w.]+)\"",
        "the server finds no module {what}: it is not at the root of the shipped folder, or fails when imported",
        "move it to the root, or name the right `entry` in deploy.toml and in the Dockerfile's CMD",
    ),
    _Known(
        r"Attribute \"(?P<what>\w+)\" not found in module",
        "the module that is started has no variable {what}",
        "define it there, or name the right `entry` in deploy.toml and in the Dockerfile's CMD",
    ),
    _Known(
        r"(?P<what>uvicorn|gunicorn|hypercorn|fastapi): (command )?not found|exec: \"(?P<other>uvicorn|gunicorn)\"",
        "the server {what} is not installed in the image",
        "add it to requirements.in and run `invoke lock`",
    ),
    _Known(
        r"KeyError: '(?P<what>[A-Z][A-Z0-9_]+)'"
        r"|(?P<other>[A-Z][A-Z0-9_]{2,}) (is missing|is not set|is required|must be set)",
        "the environment variable {what} is not set on the Space",
        "declare it under [secrets] or [variables] in deploy.toml, give it a value, and run `invoke secrets.sync`",
    ),
    _Known(
        r"validation errors? for (?P<what>\w*(Settings|Config)\w*)",
        "a setting that {what} asks for is not set on the Space, or has a value that it does not take",
        "declare it under [secrets] or [variables] in deploy.toml, give it a value, and run `invoke secrets.sync`",
    ),
    _Known(
        r"[Aa]ddress already in use",
        "two servers want the same port: one is started by the app itself",
        "remove uvicorn.run() from the app; the image's CMD starts the server",
    ),
    _Known(
        r"asyncio\.run\(\) cannot be called from a running event loop",
        "the app starts a server while it is imported",
        "remove uvicorn.run() from the app; the image's CMD starts the server",
    ),
    _Known(
        r"[Rr]unning on http://(127\.0\.0\.1|localhost)",
        "the app listens on loopback, where the platform cannot reach it",
        "start the server with --host 0.0.0.0",
        hides_the_app=True,
    ),
    _Known(
        r"^(?=.*(?<![\w./-])/data(?![\w.-])).*(Permission denied|No such file or directory|Directory nonexistent)",
        "the app does not find, or may not write, what it wants in /data: a Space has it only with a mounted bucket",
        "write elsewhere, such as below /tmp; or mount a bucket at /data on the Space, and let the Dockerfile make the "
        "folder it covers (RUN install -d -o 1000 /data)",
    ),
    _Known(
        r"Permission denied|attempt to write a readonly database",
        "the app writes where uid 1000 may not: a Space does not run as root",
        "write below /tmp, or give the folder to uid 1000 in the Dockerfile (COPY --chown, chown)",
    ),
    _Known(
        r"unable to open database file",
        "the folder of SQLite's file is not there (/data is not, without a bucket), or uid 1000 may not write in it",
        "put it below /tmp, or into a folder that the Dockerfile makes and gives to uid 1000 (COPY --chown, chown)",
    ),
    _Known(
        r"Read-only file system",
        "the app writes to a folder that is mounted read-only, as a repository is that is mounted on a Space",
        "write elsewhere, such as below /tmp",
    ),
    _Known(
        r"DO NOT MATCH THE HASHES",
        "a package differs from the one that was locked",
        "run `invoke lock` and look at what moved",
    ),
    _Known(
        r"No matching distribution found for (?P<what>\S+)"
        r"|Could not find a version that satisfies the requirement (?P<other>\S+)",
        "the index has no {what} for this Python and platform",
        "correct the version in requirements.in and run `invoke lock`",
    ),
    _Known(
        r"(dockerfile parse error|unknown instruction)",
        "the Dockerfile does not parse",
        "mend the line it names; `invoke check` finds it beforehand",
    ),
    _Known(
        r"failed to compute cache key.*?\"(?P<what>[^\"]+)\".*not found|COPY failed: .*stat (?P<other>\S+?): ",
        "the Dockerfile copies {what}, which is not shipped",
        "correct the path, or take it out of .gitignore and .dockerignore",
    ),
    _Known(r"[Nn]o space left on device", "the disk is full", "make the image smaller, or free space"),
    _Known(
        r"\b(OOMKilled|MemoryError|Out of memory|Memory limit exceeded)\b",
        "the app needs more memory than the hardware has",
        "choose larger `hardware` in deploy.toml, or load less at start",
    ),
    _Known(
        r"(?P<what>(Syntax|Indentation|Tab)Error): ",
        "a Python file does not parse ({what})",
        "`invoke check` names file and line",
    ),
    _Known(
        r"connection to server at .* failed|could not translate host name|Connection refused",
        "the app cannot reach its database or another service",
        "compare DATABASE_URL with the service's address; a Space reaches ports 80, 443 and 8080 only",
    ),
)


def diagnose(log: Iterable[str], *, answers: bool = False) -> Diagnosis | None:
    """The first known failure a log shows, most telling pattern first; None when it shows none.

    `answers`: the app was heard, so that what would hide it is not the reason.
    """
    lines = list(_messages(log))
    for known in _FAILURES:
        if answers and known.hides_the_app:
            continue
        for line in reversed(lines):
            found = re.search(known.pattern, line)
            if found:
                return _diagnosis(known, found, line)
    return None


def _diagnosis(known: _Known, found: re.Match[str], line: str) -> Diagnosis:
    groups = found.groupdict()
    what = groups.get("what") or groups.get("other") or ""
    return Diagnosis(cause=known.cause.format(what=what), evidence=line[:200], cure=known.cure)


def last_error(log: Iterable[str]) -> str | None:
    """`RuntimeError: …`, the line that ends a traceback; None when there is none."""
    return next((line for line in reversed(list(_messages(log))) if _ERROR_LINE.match(line)), None)


def _messages(log: Iterable[str]) -> Iterator[str]:
    """The lines without blanks; of a line of JSON, as many programs log, its message and traceback line by line."""
    for line in log:
        record = _record(line) if line.startswith("{") else {}
        messages = [text for name in ("exception", "message") if isinstance(text := record.get(name), str)]
        for text in messages or [line]:
            yield from (part.strip() for part in text.splitlines() if part.strip())


def _record(line: str) -> dict[str, object]:
    try:
        found = json.loads(line)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
