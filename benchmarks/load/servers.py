"""Server processes on loopback ports of their own, and the load client's runs against them."""

from __future__ import annotations

import http.client
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.load.contestants import ROOT, Contestant
from benchmarks.load.streams import Outcome, Stream

START_TIMEOUT = 60.0
STOP_TIMEOUT = 20.0
CLIENT_TIMEOUT = 180.0


@dataclass(frozen=True, kw_only=True)
class Server:
    """One that answers. `start_seconds`: from making the process to its first 200 at /health."""

    contestant: Contestant
    port: int
    pid: int
    start_seconds: float

    def load(self, *streams: Stream) -> list[Outcome]:
        """Runs the streams together in a new client process; one outcome for each, in order."""
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.load.client", str(self.port)],
            cwd=ROOT,
            input=json.dumps([asdict(stream) for stream in streams]),
            stdout=subprocess.PIPE,
            text=True,
            check=True,
            timeout=CLIENT_TIMEOUT,
        )
        return [Outcome(**outcome) for outcome in json.loads(done.stdout)]

    def memory(self, field: str) -> float:
        """MiB: with "VmRSS" resident now, with "VmHWM" at most since `forget_peak`. Linux has it."""
        status = Path(f"/proc/{self.pid}/status").read_text(encoding="ascii")
        fields = dict(line.split(":", 1) for line in status.splitlines())
        return int(fields[field].split()[0]) / 1024

    def forget_peak(self) -> None:
        Path(f"/proc/{self.pid}/clear_refs").write_text("5", encoding="ascii")


@contextmanager
def serving(contestant: Contestant) -> Iterator[Server]:
    """The contestant in a new process, with an empty folder and without anything of the caller's environment but PATH.

    Raises SystemExit with the end of its log when it does not come to answer.
    """
    with tempfile.TemporaryDirectory(prefix="benchmark-") as folder, (Path(folder) / "log").open("w+b") as log:
        port = _free_port()
        argv = [*contestant.command, "--host", "127.0.0.1", "--port", str(port)]
        env = {name: value.format(folder=folder) for name, value in contestant.environment.items()}
        env |= {"PATH": os.environ.get("PATH", os.defpath), "TMPDIR": folder}
        started = time.perf_counter()
        process = subprocess.Popen(argv, cwd=ROOT, env=env, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        try:
            if not _answers(process, port):
                log.seek(0)
                raise SystemExit(f"{contestant.name} does not start:\n{log.read()[-2000:].decode(errors='replace')}")
            seconds = time.perf_counter() - started
            yield Server(contestant=contestant, port=port, pid=process.pid, start_seconds=seconds)
        finally:
            process.terminate()
            try:
                process.wait(STOP_TIMEOUT)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def call(port: int, method: str, path: str, body: str = "", headers: Sequence[tuple[str, str]] = ()) -> tuple[int, str]:
    """Status and body of one answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=START_TIMEOUT)
    try:
        connection.request(method, path, body.encode() or None, dict(headers))
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


def _answers(process: subprocess.Popen[bytes], port: int) -> bool:
    """Whether it comes to answer 200; asked again at once, since what is waited for is what is measured."""
    end = time.monotonic() + START_TIMEOUT
    while process.poll() is None and time.monotonic() < end:
        try:
            if call(port, "GET", "/health")[0] == 200:
                return True
        except OSError:
            time.sleep(0.002)
    return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
