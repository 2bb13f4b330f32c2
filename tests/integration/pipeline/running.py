"""A command of ours under way, and how it ended."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

TIMEOUT = 120.0
"""Seconds after which a command is taken to hang."""
_OURS = re.compile(r'File "[^"]*/deploy/(?:tasks|pipeline|space|cli|console)')
"""A traceback of the pipeline; one of the app may be told."""
_READING = ("GET ", "HEAD ", "POST /api/validate-yaml", "POST /api/spaces/{id}/preupload")


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """How a command ended, and the requests the Hub got meanwhile, by route."""

    code: int
    out: str
    err: str
    requests: Mapping[str, int] = field(default_factory=dict)

    @property
    def text(self) -> str:
        return f"{self.out}\n{self.err}"

    @cached_property
    def document(self) -> dict[str, Any]:
        """What `--json` gave: one document and nothing else."""
        found: dict[str, Any] = json.loads(self.out)
        return found

    @property
    def writes(self) -> dict[str, int]:
        """The requests that change something."""
        return {route: count for route, count in self.requests.items() if not route.startswith(_READING)}

    def ended(self, code: int) -> Outcome:
        """Itself, when the command ended with that code."""
        assert self.code == code, f"exit code {self.code}, expected {code}:\n{self.err or self.out}"
        assert not _OURS.search(self.text), self.text
        return self


@dataclass(frozen=True)
class Running:
    """A command under way, in a session of its own."""

    process: subprocess.Popen[str]
    files: tuple[Path, Path]

    def send(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def finish(self, timeout: float = TIMEOUT) -> Outcome:
        try:
            code = self.process.wait(timeout)
        finally:
            self.end()
        out, err = (file.read_text(encoding="utf-8") for file in self.files)
        return Outcome(code=code, out=out, err=err)

    def end(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()


def until(condition: Callable[[], bool], what: str, *, timeout: float = 60.0) -> None:
    """Wait for a condition; the test fails when it does not come true."""
    deadline = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < deadline, f"waited {timeout:g} s in vain: {what}"
        time.sleep(0.02)
