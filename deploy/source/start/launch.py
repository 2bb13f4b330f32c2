"""The servers people start: what their command lines and environments say about entry, host and port.

Defaults and variables are those of each server's own documentation: uvicorn "Settings", gunicorn
"bind", hypercorn "Configuration", granian and daphne `--help`, fastapi-cli `run`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from deploy.network import LOOPBACK

ALL = "0.0.0.0"  # noqa: S104 - the value that containers need


FILE_ENTRY = "#"
"""`fastapi run` takes a file, or looks for one: then an entry is `file#variable`, file empty or not."""


@dataclass(frozen=True, kw_only=True)
class Launch:
    """A server about to start. `port` is text, as given; `entry` is `module:variable` or None.

    A host of "unix" is a socket. `package` is the distribution that brings the server; `config` the
    file its settings come from. `worker` is the class that gunicorn is asked for, "" where none is.
    """

    server: str
    package: str
    entry: str | None
    host: str | None
    port: str | None
    factory: bool = False
    app_dir: str | None = None
    config: str | None = None
    worker: str | None = None


Environment = Mapping[str, str]


def launch(argv: Sequence[str], env: Environment) -> Launch | None:
    """The server a command starts, by the name of its program; None when it is no server known here."""
    program = argv[0].rsplit("/", 1)[-1]
    reader = _SERVERS.get(program)
    return reader(_Options(argv[1:]), env) if reader else None


class _Options:
    """Options of a command line: `--name value`, `--name=value`, `-nvalue`; the rest are positional."""

    def __init__(self, words: Sequence[str]) -> None:
        self.positional: list[str] = []
        self._values: dict[str, str] = {}
        self._read(iter(words))

    def _read(self, words: Iterator[str]) -> None:
        for word in words:
            name, equals, value = word.partition("=")
            if not word.startswith("-") or word == "-":
                self.positional.append(word)
            elif equals:
                self._values[name] = value
            elif word in _FLAGS:
                self._values[word] = "true"
            elif not word.startswith("--") and len(word) > 2:
                self._values[word[:2]] = word[2:]
            else:
                self._values[word] = next(words, "")

    def get(self, *names: str, default: str | None = None) -> str | None:
        return next((self._values[name] for name in names if name in self._values), default)


_FLAGS = frozenset(
    {
        "--access-log", "--daemon", "--date-header", "--debug", "--factory", "--forwarded-allow-all", "--help",
        "--no-access-log", "--no-date-header", "--no-proxy-headers", "--no-reload", "--no-server-header",
        "--no-use-colors", "--no-ws", "--preload", "--proxy-headers", "--reload", "--server-header", "--use-colors",
        "--version", "-D", "-h", "-v",
    }
)  # fmt: skip


def _uvicorn(options: _Options, env: Environment) -> Launch:
    entry = options.positional[0] if options.positional else env.get("UVICORN_APP")
    return Launch(
        server="uvicorn",
        package="uvicorn",
        entry=entry,
        host="unix" if options.get("--uds", "--fd") else options.get("--host") or env.get("UVICORN_HOST", LOOPBACK),
        port=options.get("--port", default=env.get("UVICORN_PORT", "8000")),
        factory=bool(options.get("--factory")) or env.get("UVICORN_FACTORY", "") not in {"", "0", "false"},
        app_dir=options.get("--app-dir"),
    )


def _fastapi(options: _Options, env: Environment) -> Launch | None:
    command = options.positional[0] if options.positional else ""
    if command not in {"run", "dev"}:
        return None
    file, name = "".join(options.positional[1:2]), options.get("--app") or "app"
    return Launch(
        server=f"fastapi {command}",
        package="fastapi-cli",
        entry=options.get("--entrypoint", "-e") or f"{file}{FILE_ENTRY}{name}",
        host=options.get("--host") or (ALL if command == "run" else LOOPBACK),
        port=options.get("--port", default=env.get("PORT", "8000")),
    )


def _gunicorn(options: _Options, env: Environment) -> Launch:
    """Without a bind here, its settings file or its default decides: see `gunicorn_settings`."""
    more = _Options(env.get("GUNICORN_CMD_ARGS", "").split())
    entry = options.positional[0] if options.positional else None
    config = options.get("-c", "--config") or more.get("-c", "--config")
    bind = options.get("-b", "--bind") or more.get("-b", "--bind")
    host, port = bound(bind, "8000") if bind else (None, None)
    chdir = options.get("--chdir") or more.get("--chdir") or options.get("--pythonpath")
    entry, factory = _called(entry)
    return Launch(
        server="gunicorn", package="gunicorn", entry=entry, host=host, port=port, factory=factory, app_dir=chdir,
        config=config, worker=options.get("-k", "--worker-class") or more.get("-k", "--worker-class"),
    )  # fmt: skip


def _hypercorn(options: _Options, _env: Environment) -> Launch:
    config = options.get("-c", "--config")
    bind = options.get("-b", "--bind") or (None if config else f"{LOOPBACK}:8000")
    host, port = bound(bind, "8000") if bind else (None, None)
    entry, factory = _called(options.positional[0].removeprefix("asgi:") if options.positional else None)
    return Launch(
        server="hypercorn", package="hypercorn", entry=entry, host=host, port=port, factory=factory, config=config
    )


def _granian(options: _Options, env: Environment) -> Launch:
    return Launch(
        server="granian",
        package="granian",
        entry=options.positional[0] if options.positional else None,
        host=options.get("--host") or env.get("GRANIAN_HOST", LOOPBACK),
        port=options.get("--port", default=env.get("GRANIAN_PORT", "8000")),
        factory=bool(options.get("--factory")),
        app_dir=options.get("--working-dir"),
    )


def _daphne(options: _Options, _env: Environment) -> Launch:
    return Launch(
        server="daphne",
        package="daphne",
        entry=options.positional[0] if options.positional else None,
        host=options.get("-b", "--bind") or LOOPBACK,
        port=options.get("-p", "--port", default="8000"),
    )


_SERVERS: Mapping[str, Callable[[_Options, Environment], Launch | None]] = {
    "daphne": _daphne,
    "fastapi": _fastapi,
    "granian": _granian,
    "gunicorn": _gunicorn,
    "hypercorn": _hypercorn,
    "uvicorn": _uvicorn,
}


def bound(text: str, default: str) -> tuple[str, str]:
    """Host and port of `host:port`, `[::]:port`, `:port`, `host` and `unix:path`."""
    if text.startswith(("unix:", "fd:")):
        return "unix", default
    match = re.fullmatch(r"(?P<host>\[.*\]|[^:]*)(?::(?P<port>.*))?", text)
    if match is None:
        return text, default
    return match["host"].strip("[]") or ALL, match["port"] or default


def _called(entry: str | None) -> tuple[str | None, bool]:
    """`main:create_app()` names a factory."""
    if entry and entry.endswith(")"):
        return entry.partition("(")[0], True
    return entry, False
