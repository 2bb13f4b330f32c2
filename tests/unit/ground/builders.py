"""deploy.toml of a test, read as a project's, and a console that remembers what it wrote."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from io import StringIO
from itertools import count
from pathlib import Path
from typing import Literal

from deploy.config import Config, Target, load
from deploy.console import Console
from deploy.secret import Redactor, Secret

Mode = Literal["human", "json", "github"]

LOCAL = """
[targets.local]
hub = "local"
space = "local/tasks"
"""


def configured(root: Path, text: str = LOCAL) -> Config:
    """Raises ConfigError as `load` does."""
    (root / "deploy.toml").write_text(text, encoding="utf-8")
    return load(root)


def target(root: Path, text: str = "", *, settings: str = "") -> Target:
    """One target called `staging` with the given lines; `settings` stands above it."""
    toml = f'default = "staging"\n{settings}\n[targets.staging]\nspace = "owner/tasks"\n{text}'
    return configured(root, toml).target()


class Terminal(StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


@dataclass
class Recorded:
    """A console, and what it wrote. Each look at its clock is 1.5 s after the one before."""

    mode: Mode = "human"
    terminal: bool = False
    env: Mapping[str, str] = field(default_factory=dict)
    secrets: tuple[str, ...] = ()
    ask: Callable[[str], str] = input

    def __post_init__(self) -> None:
        stream = Terminal if self.terminal else StringIO
        self.out, self.err = stream(), stream()
        self.console = Console(
            self.mode,
            out=self.out,
            err=self.err,
            env=self.env,
            redact=Redactor(Secret(value) for value in self.secrets),
            clock=count(0, 1.5).__next__,
            ask=self.ask,
        )

    @property
    def said(self) -> str:
        """What a person reads."""
        return (self.err if self.mode == "json" else self.out).getvalue()
