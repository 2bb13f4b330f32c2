"""What a check has to say."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Literal, Protocol

Level = Literal["error", "warning", "excused"]


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One fault of the source and its cure.

    `code` names the kind of fault. `file` is a posix path, below the source while rules run and below the project in
    what `run_checks` returns; which adds the `check` that it belongs to, and the `tasks` that this check proves.
    `excused` is the reason why it is no matter in this project.
    """

    code: str
    level: Level
    what: str
    cure: str
    file: str | None = None
    line: int | None = None
    check: str = ""
    tasks: tuple[str, ...] = ()
    excused: str = ""

    @property
    def label(self) -> str:
        """`<task> ports`: the check after the tasks that it proves."""
        return " ".join((*self.tasks, self.check))

    @property
    def place(self) -> str:
        """`backend/main.py:12`, as much of it as is known."""
        return f"{self.file}:{self.line}" if self.file and self.line else self.file or ""

    @property
    def text(self) -> str:
        """Fault and cure on one line, the same wherever a finding stands without a table."""
        return f"{self.what} → {self.cure}"

    def as_document(self) -> dict[str, object]:
        return asdict(self)


class Report(Protocol):
    """`error` or `warning`."""

    def __call__(
        self, code: str, what: str, cure: str, /, *, file: str | None = None, line: int | None = None
    ) -> Finding: ...


def error(code: str, what: str, cure: str, *, file: str | None = None, line: int | None = None) -> Finding:
    """A fault that would break the deployment."""
    return Finding(code=code, level="error", what=what, cure=cure, file=file, line=line)


def warning(code: str, what: str, cure: str, *, file: str | None = None, line: int | None = None) -> Finding:
    """Works on a Space, and is not what the specification asks; an error for a strict project."""
    return Finding(code=code, level="warning", what=what, cure=cure, file=file, line=line)
