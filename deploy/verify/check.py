"""A check as a value: what must hold, the function that looks, and how it collects what it saw."""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass, field

from deploy.http import Answer
from deploy.proof import Cell
from deploy.verify.subject import Subject


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What a check saw, in a line; it passed when there are no `violations`, each a line with what reproduces it."""

    text: str
    violations: tuple[str, ...] = ()
    details: tuple[str, ...] = ()
    figures: Mapping[str, float] = field(default_factory=dict)
    tables: Mapping[str, tuple[Mapping[str, Cell], ...]] = field(default_factory=dict)
    files: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Check:
    """`name` is the one of `deploy.catalogue`; `asked` is one line, what must hold.

    `alone`: it measures time or disturbs the deployment, so that nothing else may run beside it.
    `run` raises deploy.proof.NotRun when it cannot look.
    """

    name: str
    asked: str
    run: Callable[[Subject], Seen]
    alone: bool = False


@dataclass(kw_only=True)
class Assertions:
    """`held` counts expectations that held; each of `violations` is a line."""

    held: int = 0
    violations: list[str] = field(default_factory=list)

    def expect(self, holds: bool, otherwise: str) -> bool:
        """Counts it; `otherwise` is what to say when it does not hold."""
        if holds:
            self.held += 1
        else:
            self.violations.append(otherwise)
        return holds

    def status(self, asked: str, answer: Answer, wanted: Container[int]) -> bool:
        """That `asked`, a request in words, was answered with one of the `wanted` statuses."""
        said = " or ".join(map(str, wanted)) if isinstance(wanted, tuple) else str(wanted)
        return self.expect(answer.status in wanted, f"{asked}: {answer.outcome} instead of {said}")

    def seen(self, what: str) -> Seen:
        """`what` completes "12 of 13 ..."."""
        total = self.held + len(self.violations)
        return Seen(text=f"{self.held} of {total} {what}", violations=tuple(self.violations))
