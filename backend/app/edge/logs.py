"""The log: one JSON object a line on standard output, of requests, of the app and of the server alike."""

from __future__ import annotations

import json
import logging
import re
import sys
import time
from contextvars import ContextVar
from functools import lru_cache
from json.encoder import encode_basestring_ascii as quoted
from typing import TextIO

request_id: ContextVar[str] = ContextVar("request_id", default="")
"""Of the request that is being answered; empty outside of one."""

# What a token looks like wherever it turns up: in an error's words, an address, a header. `eyJ` is `{"` in base64.
_TOKENS = re.compile(r"eyJ[\w-]+\.[\w-]+\.[\w-]+|(?i:bearer) +[\w.~+/-]{8,}=*")
_PASSWORDS = re.compile(r"(?<=://)([^\s:/@]*):[^\s/]+(?=@)")


class JsonLines(logging.Formatter):
    """Tokens and the passwords of addresses are struck out, also from the words and the traceback of an error."""

    def __init__(self, revision: str) -> None:
        super().__init__()
        self._revision = revision

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": timestamp(record.created),
            "level": record.levelname.lower(),
            "message": without_secrets(record.getMessage().strip()),
            "logger": record.name,
            "revision": self._revision,
        }
        if asked := request_id.get():
            line["request_id"] = asked
        if record.exc_info:
            line["exception"] = without_secrets(self.formatException(record.exc_info))
        return json.dumps(line)


def without_secrets(text: str) -> str:
    return _PASSWORDS.sub(r"\1:[REDACTED]", _TOKENS.sub("[REDACTED]", text))


def timestamp(seconds: float) -> str:
    """RFC 3339 in UTC, to the millisecond."""
    return f"{_to_the_second(int(seconds))}.{int(seconds % 1 * 1000):03d}Z"


@lru_cache(maxsize=1)
def _to_the_second(seconds: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds))


def install(revision: str, *, stream: TextIO | None = None) -> None:
    """Makes this the log of the whole process, in place of what the server that imports the app had set up.

    The server's own line for each request goes: the app writes one that knows more.
    """
    handler = logging.StreamHandler(stream or sys.stdout)
    handler.setFormatter(JsonLines(revision))
    logging.basicConfig(handlers=[handler], level=logging.INFO, force=True)
    logging.captureWarnings(capture=True)
    logging.getLogger("alembic").setLevel(logging.WARNING)  # the app says itself what was migrated
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access", "uvicorn.asgi"):
        server = logging.getLogger(name)
        server.handlers.clear()
        server.propagate = name != "uvicorn.access"
        server.setLevel(logging.NOTSET)


def request_line(
    *,
    method: str,
    route: str,
    status: int,
    seconds: float,
    client: str,
    user: str,
    revision: str,
    now: float,
) -> str:
    """The line of a request that was answered.

    It is put together by hand: a `LogRecord` would cost four times as much, for every request.
    """
    return (
        f'{{"time": "{timestamp(now)}", {_kind(method, route, status, revision)}, "request_id": "{request_id.get()}", '
        f'"duration_ms": {seconds * 1000:.2f}, "user_id": {quoted(user) if user else "null"}, '
        f'"client": {quoted(client)}}}\n'
    )


@lru_cache(maxsize=1024)
def _kind(method: str, route: str, status: int, revision: str) -> str:
    """What the lines of many requests have in common. Methods and routes are words of ours, so they are few."""
    level = "error" if status >= 500 else "info"
    said = {"level": level, "message": f"{method} {route} {status}", "method": method, "route": route}
    return json.dumps(said | {"status": status, "revision": revision})[1:-1]
