"""Everything a person or a CI log reads while a command runs, and the one document a program reads.

Three modes: `human`; `github` (groups, annotations, step summary); `json` (one document on stdout,
talk on stderr). Whatever goes out passes the redactor first.
"""

from __future__ import annotations

import json
import os
import re
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TextIO

from deploy.errors import ConfirmationNeeded, DeployError
from deploy.marks import MARKS
from deploy.secret import Redactor

Level = Literal["error", "warning", "notice"]
Outcome = Literal["ok", "skipped", "failed", "interrupted"]

_COLOURS: Mapping[str, str] = {
    "ok": "32",
    "skipped": "2",
    "failed": "31",
    "interrupted": "31",
    "warn": "33",
    "dim": "2",
}
_NAME_WIDTH = 11
_COMMAND = re.compile(r"\binvoke(?= (?:--)?[a-z])")
_CLEAR_LINE = "\r\x1b[2K"


@dataclass(frozen=True, kw_only=True)
class StepRecord:
    """One finished step of a command."""

    name: str
    seconds: float
    outcome: Outcome
    note: str


class Step:
    """A step under way. `note` stands at the end of its line; `line` is one line of its log."""

    def __init__(self, console: Console, name: str) -> None:
        self._console = console
        self.name = name
        self.text = ""
        self.outcome: Outcome = "ok"

    def note(self, text: str) -> None:
        self.text = text

    def skip(self, reason: str) -> None:
        self.outcome, self.text = "skipped", reason

    def fail(self, text: str) -> None:
        """Marks the step failed without ending the command: what follows decides how that goes on."""
        self.outcome, self.text = "failed", text

    def line(self, text: str) -> None:
        self._console.log_line(self.name, text)

    def broken_off(self, error: BaseException) -> None:
        self.outcome = "failed" if isinstance(error, Exception) else "interrupted"
        if isinstance(error, DeployError):
            self.text = error.what
        elif not self.text:
            self.text = type(error).__name__ if isinstance(error, Exception) else "stopped"


class Console:
    """Output of one command. Streams, clock and environment are arguments so that tests own them."""

    def __init__(
        self,
        mode: Literal["human", "json", "github"] = "human",
        *,
        out: TextIO | None = None,
        err: TextIO | None = None,
        env: Mapping[str, str] = os.environ,
        redact: Redactor | None = None,
        clock: Callable[[], float] = time.monotonic,
        ask: Callable[[str], str] = input,
    ) -> None:
        self.mode = mode
        self.redact = redact if redact is not None else Redactor()
        self._out = out if out is not None else sys.stdout
        self._talk = (err if err is not None else sys.stderr) if mode == "json" else self._out
        self._env = env
        self._program = env.get("SPACEWRIGHT_COMMAND", "invoke")
        self._clock = clock
        self._ask = ask
        self._steps: list[StepRecord] = []
        self._live = mode == "human" and self._talk.isatty()
        self._colour = self._live and "NO_COLOR" not in env

    @property
    def steps(self) -> tuple[StepRecord, ...]:
        return tuple(self._steps)

    # Talk --------------------------------------------------------------------------------------------------

    def say(self, text: str = "") -> None:
        self._write(self._talk, text)

    def warn(self, text: str) -> None:
        if self.mode == "github":
            self._command("warning", text)
        else:
            self.say(self._paint("warn", f"  {MARKS['warning']} {text}"))

    @contextmanager
    def step(self, name: str) -> Iterator[Step]:
        """One line that ends with how it went and how long it took; in CI a group with its log inside."""
        step, started = Step(self, name), self._clock()
        if self.mode == "github":
            self._write(self._talk, f"::group::{name}")
        else:
            self._progress(name, "")
        try:
            yield step
        except BaseException as error:
            step.broken_off(error)
            raise
        finally:
            self._finish(step, self._clock() - started)

    def log_line(self, name: str, text: str) -> None:
        if self.mode == "github":
            self._write(self._talk, _inert(text))
        else:
            self._progress(name, text)

    def annotate(
        self, level: Level, message: str, *, file: str | None = None, line: int | None = None, title: str | None = None
    ) -> None:
        """A GitHub annotation on a line of a file; says nothing in the other modes."""
        if self.mode == "github":
            self._command(level, message, file=file, line=line, title=title)

    def confirm(self, question: str) -> None:
        """Asks on a terminal; raises ConfirmationNeeded for any answer but yes, and without a terminal."""
        if self.mode != "human" or not sys.stdin.isatty():
            raise ConfirmationNeeded(
                f"{question} Nobody is here to answer.",
                cause="the target is protected and this is not a terminal",
                next_step="run the command again with --yes",
            )
        try:
            answer = self._ask(f"{question} [y/N] ")
        except EOFError:
            answer = ""
        if answer.strip().lower() not in {"y", "yes"}:
            raise ConfirmationNeeded("Nothing was changed: the answer was no.")

    # Data --------------------------------------------------------------------------------------------------

    def result(self, document: Mapping[str, object], text: str = "") -> None:
        """The outcome: the document in json mode, the text in the others."""
        if self.mode == "json":
            self._out.write(json.dumps(self.redact.cleaned(document), indent=2, ensure_ascii=False) + "\n")
            self._out.flush()
        elif text:
            self._write(self._out, self._as_typed(text))

    def data(self, line: str) -> None:
        """One line of data as it comes, for output that has no end to wait for."""
        self._write(self._out, _inert(line) if self.mode == "github" else line)

    def failure(self, error: DeployError) -> None:
        text = self._as_typed(str(error))
        if self.mode == "json":
            self.result(error.as_document())
        if self.mode == "github":
            self._command("error", text, title=error.what)
        self.say(self._paint("failed", "error: ") + text)

    def summary(self, markdown: str) -> None:
        """Appends to the job's step summary when CI offers one."""
        path = self._env.get("GITHUB_STEP_SUMMARY")
        if path:
            with Path(path).open("a", encoding="utf-8") as file:
                file.write(self.redact(markdown).rstrip() + "\n")

    def output(self, name: str, value: str) -> None:
        """Sets an output of the step when CI offers it. Values are one line."""
        path = self._env.get("GITHUB_OUTPUT")
        if path:
            with Path(path).open("a", encoding="utf-8") as file:
                file.write(f"{name}={self.redact(value).splitlines()[0] if value else ''}\n")

    # Writing -----------------------------------------------------------------------------------------------

    def _finish(self, step: Step, seconds: float) -> None:
        self._steps.append(
            StepRecord(name=step.name, seconds=round(seconds, 3), outcome=step.outcome, note=self.redact(step.text))
        )
        if self.mode == "github":
            self._write(self._talk, "::endgroup::")
        mark = self._paint(step.outcome, MARKS[step.outcome])
        took = self._paint("dim", f"{seconds:.1f} s")
        line = f"  {mark} {step.name:<{_NAME_WIDTH}} {step.text}  {took}"
        self._write(self._talk, (_CLEAR_LINE if self._live else "") + line)

    def _progress(self, name: str, text: str) -> None:
        if self._live:
            width = max(20, _columns() - _NAME_WIDTH - 8)
            clean = self.redact(text).replace("\t", " ")[:width]
            self._talk.write(f"{_CLEAR_LINE}  {self._paint('dim', f'· {name:<{_NAME_WIDTH}} {clean}')}")
            self._talk.flush()

    def _command(
        self, level: str, message: str, *, file: str | None = None, line: int | None = None, title: str | None = None
    ) -> None:
        """A workflow command (docs.github.com, "Workflow commands"): data and properties escape differently."""
        fields = {"file": file, "line": line, "title": title}
        properties = ",".join(
            f"{key}={_escape(self.redact(str(value)), ',:')}" for key, value in fields.items() if value is not None
        )
        command = f"::{level}{' ' + properties if properties else ''}"
        self._write(self._talk, f"{command}::{_escape(self.redact(message))}")

    def _write(self, stream: TextIO, text: str) -> None:
        stream.write(self.redact(text) + "\n")
        stream.flush()

    def _as_typed(self, text: str) -> str:
        """Messages name commands as `invoke deploy`; whoever typed `./dev deploy` reads that."""
        return _COMMAND.sub(self._program, text)

    def _paint(self, kind: str, text: str) -> str:
        return f"\x1b[{_COLOURS[kind]}m{text}\x1b[0m" if self._colour else text


def _escape(text: str, also: str = "") -> str:
    text = text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    for character in also:
        text = text.replace(character, f"%{ord(character):02X}")
    return text


def _inert(line: str) -> str:
    """A line of somebody's log that reads like a workflow command, of today's kind or the old one, and is none."""
    return (f"| {line}" if line.lstrip().startswith("::") else line).replace("##[", "## [")


def _columns() -> int:
    try:
        return os.get_terminal_size().columns
    except OSError:
        return 80
