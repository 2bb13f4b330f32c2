"""A program to run as a value, and the one place that runs it."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from deploy.errors import CommandFailed
from deploy.secret import Redactor, Secret, revealed

TERMINATION_GRACE = 3.0
"""Seconds between SIGTERM and SIGKILL for the process group of a command that must end."""
TAIL_LINES = 20


@dataclass(frozen=True, kw_only=True)
class Command:
    """What to run. `env` None inherits the environment; a mapping is the whole of it. `timeout` in seconds."""

    argv: tuple[str, ...]
    cwd: Path | None = None
    env: Mapping[str, str | Secret] | None = None
    stdin: str | Secret | None = None
    timeout: float | None = None

    @property
    def name(self) -> str:
        return Path(self.argv[0]).name

    def redactor(self) -> Redactor:
        values = [*(self.env or {}).values(), self.stdin]
        return Redactor(value for value in values if isinstance(value, Secret))


@dataclass(frozen=True, kw_only=True)
class Result:
    """How it ended: exit code, stdout and stderr as they came (redacted), seconds."""

    code: int
    output: str
    seconds: float

    @property
    def tail(self) -> tuple[str, ...]:
        return tuple(self.output.splitlines()[-TAIL_LINES:])


class Stop:
    """Ends, from any thread, the commands that run with it, and those that are yet to start."""

    def __init__(self) -> None:
        self._running: set[subprocess.Popen[str]] = set()
        self._lock = threading.Lock()
        self._asked = False

    def __call__(self) -> None:
        with self._lock:
            self._asked = True
            running = tuple(self._running)
        for process in running:
            end_group(process)

    @contextmanager
    def ends(self, process: subprocess.Popen[str]) -> Iterator[None]:
        with self._lock:
            self._running.add(process)
            asked = self._asked
        try:
            if asked:
                end_group(process)
            yield
        finally:
            with self._lock:
                self._running.discard(process)


def run(
    command: Command,
    *,
    on_line: Callable[[str], None] | None = None,
    check: bool = True,
    stop: Stop | None = None,
) -> Result:
    """Run to the end, handing each output line to `on_line` as it comes.

    The program gets a process group of its own, which is ended as a whole on timeout, on interrupt and by `stop`.
    Raises CommandFailed when it is not found, takes longer than its timeout, or (with `check`) ends
    with a code other than 0.
    """
    redact = command.redactor()
    lines: list[str] = []
    started = time.monotonic()
    stop = stop or Stop()
    with _started(command) as process, stop.ends(process), _deadline(process, command.timeout) as expired:
        for line in _exchange(process, command.stdin):
            line = redact(line)
            lines.append(line)
            if on_line:
                on_line(line)
        code = process.wait()
    result = Result(code=code, output="\n".join(lines), seconds=time.monotonic() - started)
    if expired.is_set():
        raise CommandFailed(
            f"{command.name} did not end within {command.timeout:g} s and was stopped.",
            cause="it waits for something, or the machine is too slow for it",
            details=result.tail,
        )
    if check and code != 0:
        raise CommandFailed(f"{command.name} ended with code {code}.", details=result.tail)
    return result


@contextmanager
def _started(command: Command) -> Iterator[subprocess.Popen[str]]:
    env = None if command.env is None else {key: revealed(value) for key, value in command.env.items()}
    try:
        process = subprocess.Popen(
            command.argv,
            cwd=command.cwd,
            env=env,
            stdin=subprocess.PIPE if command.stdin is not None else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            errors="replace",
            start_new_session=True,
        )
    except OSError as error:
        raise CommandFailed(
            f"{command.name} could not be started: {error.strerror or error}.",
            cause=f"{error.filename or command.argv[0]} is not there or may not be run",
        ) from error
    with process:
        try:
            yield process
        except BaseException:
            # Here, as the `with` above waits for a program that would go on by itself.
            end_group(process)
            raise


@contextmanager
def _deadline(process: subprocess.Popen[str], timeout: float | None) -> Iterator[threading.Event]:
    """Ends the process group after `timeout` seconds; the event tells that it did."""
    expired = threading.Event()
    if timeout is None:
        yield expired
        return

    def expire() -> None:
        expired.set()
        end_group(process)

    timer = threading.Timer(timeout, expire)
    timer.daemon = True
    timer.start()
    try:
        yield expired
    finally:
        timer.cancel()


def _exchange(process: subprocess.Popen[str], stdin: str | Secret | None) -> Iterator[str]:
    """Writes stdin from a thread, so that a program that talks before it listens cannot block us."""
    writer = None
    if process.stdin is not None and stdin is not None:
        writer = threading.Thread(target=_feed, args=(process, revealed(stdin)), daemon=True)
        writer.start()
    assert process.stdout is not None
    for line in process.stdout:
        yield line.rstrip("\r\n")
    if writer:
        writer.join()


def _feed(process: subprocess.Popen[str], text: str) -> None:
    assert process.stdin is not None
    try:
        process.stdin.write(text)
        process.stdin.close()
    except BrokenPipeError:
        # The program ended without reading all of it; its exit code tells what that means.
        return


def end_group(process: subprocess.Popen[str], *, grace: float = TERMINATION_GRACE) -> None:
    """SIGTERM to the process group of `process`; SIGKILL to what is left once that has ended, or after `grace` seconds.

    A group outlives its leader: what that one started may go on, and hold the pipe that is being read.
    """
    _signal_group(process, signal.SIGTERM)
    with suppress(subprocess.TimeoutExpired):
        process.wait(timeout=grace)
    _signal_group(process, signal.SIGKILL)


def _signal_group(process: subprocess.Popen[str], signal_number: int) -> None:
    # Some systems refuse the signal, rather than miss the group, when all in it have ended.
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal_number)
