"""Collects what a check sees: expectations that held, and those that did not."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass, field

from deploy.verify.app import Answer
from deploy.verify.check import Seen


@dataclass(kw_only=True)
class Findings:
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
        return self.expect(answer.status in wanted, f"{asked}: {answer.told} instead of {said}")

    def seen(self, what: str) -> Seen:
        """`what` completes "12 of 13 ..."."""
        total = self.held + len(self.violations)
        return Seen(text=f"{self.held} of {total} {what}", violations=tuple(self.violations))
