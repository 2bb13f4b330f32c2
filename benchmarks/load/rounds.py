"""Repeated measurements: what stands for them, and how far they lie apart."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True, kw_only=True)
class Spread:
    """The median of several rounds, the lowest and the highest."""

    middle: float
    low: float
    high: float

    def text(self, digits: int = 0) -> str:
        return f"{self.middle:,.{digits}f} ({self.low:,.{digits}f} to {self.high:,.{digits}f})"


def spread(values: Iterable[float]) -> Spread:
    found = sorted(values)
    return Spread(middle=median(found), low=found[0], high=found[-1])


def ratio(ours: Sequence[float], theirs: Sequence[float]) -> Spread:
    """Round by round, so that a round in which the machine was busy with other things counts on both sides."""
    return spread(one / other for one, other in zip(ours, theirs, strict=True))


def ratio_of_medians(ours: Sequence[float], theirs: Sequence[float]) -> Spread:
    """What stands for all rounds of the one by what stands for those of the other; the lowest and highest of a round.

    For tails of short rounds: what else the machine does in a moment spoils one side of a round and not the other.
    """
    each = ratio(ours, theirs)
    return Spread(middle=median(ours) / median(theirs), low=each.low, high=each.high)


@dataclass(frozen=True, kw_only=True)
class Budget:
    """A ratio that may not be below `least` or above `most`."""

    what: str
    ratio: Spread
    least: float = 0.0
    most: float = float("inf")

    @property
    def kept(self) -> bool:
        return self.least <= self.ratio.middle <= self.most

    def line(self) -> str:
        bound = f"at least {self.least:.2f}" if self.least else f"at most {self.most:.2f}"
        return f"  {self.what}: {self.ratio.text(2)}, {bound}: {'within' if self.kept else 'OVER'} the budget"


def busy() -> str:
    """How much else runs: what was measured on a machine with more to do than it has cores is worth little."""
    return f"{os.cpu_count()} cores, {os.getloadavg()[0]:.1f} processes wanted one in the last minute, these included"


def judge(budgets: Sequence[Budget]) -> int:
    """Prints each, and answers the exit code: 1 when one is not kept."""
    for budget in budgets:
        print(budget.line())
    return 0 if all(budget.kept for budget in budgets) else 1
