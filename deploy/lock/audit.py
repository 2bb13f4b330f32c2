"""Known vulnerabilities of what a lock pins: pip-audit asks an advisory source that speaks OSV's query."""

from __future__ import annotations

import json
import tempfile
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import httpx2

from deploy.command import Command, Result, run
from deploy.config import AuditConfig
from deploy.errors import CommandFailed, ConfigError
from deploy.http import ask, make_client
from deploy.lock.advisories import Audit, read_audit
from deploy.lock.compiling import Runner
from deploy.lock.worker import KEPT
from deploy.network import passed_on
from deploy.proof import NotRun
from deploy.requirements.pins import read_pins

REACH = 1.5
"""Seconds for a source to be found and to say anything at all."""
ANSWER = 10
"""Seconds for one of its answers."""
PATIENCE = 60.0
"""Seconds for all of them: one for each package, one after another."""
_LONGEST = 200


@dataclass(frozen=True, kw_only=True)
class Auditor:
    """`python` has pip-audit, and sees no more of `environ` than pip may; None, and `missing` says why.

    `reach` and `patience` in seconds: until the source says anything, and for all of a lock. `transport` stands for
    the network on which the source is looked for.
    """

    config: AuditConfig
    python: Path | None
    missing: str = ""
    environ: Mapping[str, str]
    reach: float = REACH
    patience: float = PATIENCE
    run: Runner = run
    transport: httpx2.BaseTransport | None = None

    def require_source(self) -> None:
        """Raises NotRun, and soon, when nothing answers there; and without tools."""
        if self.python is None:
            raise NotRun(self.missing)
        trouble: list[str] = ["it says nothing"]
        # Looking a name up has no deadline of its own, so whoever asks is not waited for beyond one.
        asking = threading.Thread(target=self._look_for, args=(trouble,), daemon=True)
        asking.start()
        asking.join(self.reach + 0.5)
        if trouble:
            raise NotRun(f"the advisory source {self.config.source} cannot be reached: {trouble[-1]}")

    def _look_for(self, trouble: list[str]) -> None:
        """Whatever it answers, it is there; `trouble` is emptied then, or says what was in the way."""
        try:
            with make_client(timeout=self.reach, transport=self.transport) as client:
                answer = ask(client, self.config.source, "HEAD")
        except ConfigError as error:
            trouble.append(f"{error.what} {error.cause}")
            return
        if not answer.status or (answer.proxy and answer.status >= 500):
            trouble.append(answer.outcome if answer.status else answer.body)
        else:
            trouble.clear()

    def audit(self, name: str, lock: str, on_line: Callable[[str], None] | None = None) -> Audit:
        """Of a lock's text, every pin whatever its marker; `name` is what people call it.

        Raises NotRun when it pins nothing, or when the source's answers do not come or cannot be read.
        """
        pins = read_pins(lock)
        if not pins.by_name:
            raise NotRun(f"{name} pins nothing that could be asked for")
        with tempfile.TemporaryDirectory(prefix="spacewright-audit-") as scratch:
            asked, answer = Path(scratch, "pins.txt"), Path(scratch, "answer.json")
            rows = (f"{pin.name}=={pin.version}\n" for pin in pins.by_name.values())
            asked.write_text("".join(rows), encoding="utf-8")
            result = self._ask_for(asked, answer, on_line)
            try:
                document = json.loads(answer.read_text(encoding="utf-8"))
                return read_audit(name, document, self.config.ignore, (line for _, line in pins.strange))
            except (OSError, ValueError, KeyError, TypeError, AttributeError):
                raise NotRun(
                    f"the advisory source {self.config.source} did not answer as OSV does: {_last_words(result)}"
                ) from None

    def _ask_for(self, asked: Path, answer: Path, on_line: Callable[[str], None] | None) -> Result:
        argv = (
            *(str(self.python), "-I", "-m", "pip_audit", "--requirement", str(asked), "--no-deps", "--disable-pip"),
            *("--vulnerability-service", "osv", "--osv-url", self.config.source, "--timeout", str(ANSWER)),
            *("--format", "json", "--desc", "on", "--aliases", "on", "--output", str(answer)),
            *("--cache-dir", str(asked.parent / "cache"), "--progress-spinner", "off"),
        )
        kept = {name: self.environ[name] for name in KEPT if name in self.environ}
        env = {**kept, **passed_on(self.environ), "HOME": str(asked.parent)}
        command = Command(argv=argv, env=env, timeout=self.patience)
        try:
            return self.run(command, on_line=on_line, check=False)
        except CommandFailed:
            raise NotRun(
                f"the advisory source {self.config.source} did not answer for every package within {self.patience:g} s"
            ) from None


def _last_words(result: Result) -> str:
    """Of a program that ends in tracebacks: what the last of them was about."""
    words = [line.strip() for line in result.output.splitlines() if line.strip()]
    return words[-1][:_LONGEST] if words else f"pip-audit ended with code {result.code}"
