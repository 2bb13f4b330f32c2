"""Response times in a proof: rows of any table that have p50, p95 and p99 in milliseconds, and their budgets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from deploy.proof import Cell, Proof

PERCENTILES = ("p50_ms", "p95_ms", "p99_ms")
_BUDGET = "budget_"


@dataclass(frozen=True, kw_only=True)
class Percentiles:
    """Of one operation; `values` has each of PERCENTILES, in milliseconds."""

    operation: str
    values: Mapping[str, float]

    def over(self, budgets: Mapping[str, float]) -> tuple[str, ...]:
        """The percentiles that are over their budget."""
        return tuple(name for name, value in self.values.items() if value > budgets.get(name, value))


def measured(proof: Proof) -> tuple[Percentiles, ...]:
    """All rows with percentiles that a check left."""
    return tuple(_read(row) for rows in proof.tables.values() if has_percentiles(rows) for row in rows)


def has_percentiles(rows: Sequence[Mapping[str, Cell]]) -> bool:
    """Whether each row has the three percentiles as numbers."""
    return bool(rows) and all(all(isinstance(row.get(name), int | float) for name in PERCENTILES) for row in rows)


def budgets(proof: Proof) -> Mapping[str, float]:
    """What the check held the percentiles against: its figures `budget_p95_ms` and so on."""
    return {name: proof.figures[_BUDGET + name] for name in PERCENTILES if _BUDGET + name in proof.figures}


def _read(row: Mapping[str, Cell]) -> Percentiles:
    """The operation is whatever the row says in words."""
    operation = " ".join(value for value in row.values() if isinstance(value, str)) or "all"
    numbers = {name: value for name in PERCENTILES if isinstance(value := row[name], int | float)}
    return Percentiles(operation=operation, values=numbers)
