"""The local Hub as a process of its own: starting it, finding it again, ending it."""

from __future__ import annotations

import fcntl
import os
import signal
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import deploy
from deploy.errors import ConfigError, EngineUnavailable, HubUnreachable
from deploy.image.engine import Engine
from deploy.localhub.process import pidfile, ports
from deploy.localhub.process.pidfile import RuntimeKind
from deploy.network import passed_on
from deploy.secret import Secret

RUNTIMES = ("auto", "docker", "process")
START_TIMEOUT = 60.0
STOP_TIMEOUT = 30.0
_PAUSE = 0.05
_RELEASE = 20
_LOG_TAIL = 15
_PASSED_ON = ("PATH", "HOME", "USER", "LANG", "LC_ALL", "TMPDIR", "TZ", "VIRTUAL_ENV")
_PASSED_ON_PREFIXES = ("DOCKER_", "PIP_", "XDG_")


@dataclass(frozen=True, kw_only=True)
class HubInfo:
    """A running local Hub; `token` is its owner's, with the write role."""

    url: str
    token: Secret
    pid: int
    home: Path
    runtime: RuntimeKind
    spaces: int


def up(
    home: Path,
    *,
    port: int | None = None,
    runtime: str = "auto",
    env: Mapping[str, str] = os.environ,
) -> HubInfo:
    """The Hub on `home`, started when none runs there; two at once end with one.

    It listens on `port`, else where it listened last, else on the first free one from 7960 on.
    `runtime` is "docker", "process" or "auto". Raises HubUnreachable when it does not come up, EngineUnavailable when
    `docker` was wanted and no engine answers, ConfigError for another word.
    """
    home = home.resolve()
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    with _alone(home):
        if running := status(home):
            return running
        kind = _runtime(runtime, env)
        last = pidfile.last_port(home)
        for candidate in ports.candidates(port, last):
            released = _released(candidate) if candidate == last else ports.free(candidate)
            if released and (info := _start(home, candidate, kind, env)):
                return info
    raise HubUnreachable(
        "The local Hub found no free port on 127.0.0.1.",
        cause=f"port {port} is taken" if port else "all it tried are taken",
        next_step="name a free one with --port",
    )


def down(home: Path) -> bool:
    """End the Hub on `home` and the Spaces it runs; False when none runs."""
    daemon = pidfile.find(home)
    if daemon is None:
        return False
    os.kill(daemon.pid, signal.SIGTERM)
    deadline = time.monotonic() + STOP_TIMEOUT
    while pidfile.find(home):
        if time.monotonic() > deadline:
            os.kill(daemon.pid, signal.SIGKILL)
        time.sleep(_PAUSE)
    with suppress(ChildProcessError):  # nobody else waits for a child of this very process
        os.waitpid(daemon.pid, 0)
    return True


def status(home: Path) -> HubInfo | None:
    """The Hub that runs on `home` and answers, or None."""
    daemon = pidfile.find(home)
    spaces = ports.ask(daemon.port) if daemon else None
    if daemon is None or spaces is None:
        return None
    return HubInfo(
        url=ports.url(daemon.port),
        token=Secret((home / "token").read_text(encoding="utf-8").strip()),
        pid=daemon.pid,
        home=home,
        runtime=daemon.runtime,
        spaces=spaces,
    )


def _runtime(wanted: str, env: Mapping[str, str]) -> RuntimeKind:
    """What Spaces run in: containers when an engine answers, otherwise processes of this machine."""
    if wanted not in RUNTIMES:
        raise ConfigError(f"{wanted!r} is no runtime.", next_step=f"choose one of {', '.join(RUNTIMES)}")
    if wanted == "process":
        return "process"
    try:
        with closing(Engine.connect(env)):
            return "docker"
    except EngineUnavailable:
        if wanted == "docker":
            raise
        return "process"


def _start(home: Path, port: int, kind: RuntimeKind, env: Mapping[str, str]) -> HubInfo | None:
    """None when the port turned out to be taken."""
    pid = _spawn(home, port, kind, env)
    deadline = time.monotonic() + START_TIMEOUT
    while time.monotonic() < deadline:
        if info := status(home):
            return info
        ended, code = os.waitpid(pid, os.WNOHANG)
        if ended and os.waitstatus_to_exitcode(code) == ports.TAKEN:
            return None
        if ended:
            raise _failed(home, f"it ended with code {os.waitstatus_to_exitcode(code)}")
        time.sleep(_PAUSE)
    os.kill(pid, signal.SIGKILL)
    raise _failed(home, f"it did not answer within {START_TIMEOUT:g} s")


def _released(port: int) -> bool:
    """Whether the port that the Hub had is free again: a killed process keeps it until its last thread is gone."""
    for _ in range(_RELEASE):
        if ports.free(port):
            return True
        time.sleep(_PAUSE)
    return ports.free(port)


def _spawn(home: Path, port: int, kind: RuntimeKind, env: Mapping[str, str]) -> int:
    """A process in a session of its own that outlives this one; the one runner of commands waits for theirs."""
    log = os.open(home / "hub.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    argv = [sys.executable, "-m", "deploy.localhub", "--home", str(home), "--port", str(port), "--runtime", kind]
    try:
        return os.posix_spawn(
            sys.executable,
            argv,
            _environment(env),
            file_actions=[
                (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
                (os.POSIX_SPAWN_DUP2, log, 1),
                (os.POSIX_SPAWN_DUP2, log, 2),
            ],
            setsid=True,
        )
    finally:
        os.close(log)


def _environment(env: Mapping[str, str]) -> dict[str, str]:
    """What the daemon needs: nothing else of the caller's environment, where there may be secrets, goes along."""
    kept = {key: value for key, value in env.items() if key in _PASSED_ON or key.startswith(_PASSED_ON_PREFIXES)}
    return {**kept, **passed_on(env), "PYTHONPATH": str(Path(deploy.__file__).parents[1]), "PYTHONUNBUFFERED": "1"}


@contextmanager
def _alone(home: Path) -> Iterator[None]:
    with (home / "up.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _failed(home: Path, cause: str) -> HubUnreachable:
    log = home / "hub.log"
    tail = log.read_text(encoding="utf-8", errors="replace").splitlines()[-_LOG_TAIL:] if log.is_file() else []
    return HubUnreachable("The local Hub did not start.", cause=cause, next_step=f"read {log}", details=tuple(tail))
