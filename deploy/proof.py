"""What one check saw: the value that every check ends in and every report is made of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

Verdict = Literal["passed", "failed", "not run"]
Cell = str | int | float | None


class NotRun(Exception):
    """A check cannot be run here; the message says what is missing. It is never taken for a pass."""


@dataclass(frozen=True, kw_only=True)
class Proof:
    """One check: what was asked, what was seen, how long it took.

    `asked` and `seen` are one line each; of a check that was not run, `seen` is the reason. `started` and `seconds`
    are seconds, the first since the suite began. `details` are lines, one a violation, with what reproduces it.
    `figures` are measured numbers by name, `tables` rows by the table's name, `files` paths in the evidence folder.
    """

    check: str
    verdict: Verdict
    asked: str
    seen: str
    seconds: float = 0.0
    started: float = 0.0
    details: tuple[str, ...] = ()
    figures: Mapping[str, float] = field(default_factory=dict)
    tables: Mapping[str, tuple[Mapping[str, Cell], ...]] = field(default_factory=dict)
    files: tuple[str, ...] = ()

    @property
    def line(self) -> str:
        return f"{self.check}: {self.asked}; seen: {self.seen}"


def failures(proofs: Iterable[Proof]) -> tuple[Proof, ...]:
    return tuple(proof for proof in proofs if proof.verdict == "failed")
