"""The programs that checks are made with: a Python of their own, and a browser."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from deploy.command import Command, Result, Stop, run
from deploy.errors import CommandFailed
from deploy.proof import NotRun
from deploy.secret import Secret

DRIVERS = Path(__file__).parent / "drivers"


@dataclass(frozen=True, kw_only=True)
class Tools:
    """`python` has what requirements-verify.txt locks; where it has not, it is None and `missing` says why.

    A driver is a script that this Python runs in a process of its own, as the tools would not share ours. It reads
    one JSON document on stdin, secrets among them, so that none is in argv or the environment, and writes one as the
    last line of its output. `environment` is all that it sees of ours.
    """

    python: Path | None
    chromium: Path | None
    missing: str = ""
    environment: Mapping[str, str] = field(default_factory=dict)
    stop: Stop = field(default_factory=Stop)

    def run(self, words: Sequence[str], document: Mapping[str, Any], *, timeout: float) -> Result:
        """This Python with these words, and the document on stdin. Raises NotRun without tools, CommandFailed."""
        if self.python is None:
            raise NotRun(self.missing)
        stdin = Secret(json.dumps(document))
        command = Command(argv=(str(self.python), *words), env=self.environment, stdin=stdin, timeout=timeout)
        return run(command, stop=self.stop)

    def drive(self, driver: str, document: Mapping[str, Any], *, timeout: float) -> Mapping[str, Any]:
        """What the driver found. Raises NotRun without tools, CommandFailed when the driver itself fails."""
        result = self.run(("-I", str(DRIVERS / f"{driver}.py")), document, timeout=timeout)
        try:
            found: Mapping[str, Any] = json.loads(result.output.splitlines()[-1])
        except (ValueError, IndexError):
            raise CommandFailed(f"The driver {driver} told nothing that can be read.", details=result.tail) from None
        return found
