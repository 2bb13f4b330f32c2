"""What a new lock changes, as values and as a table."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from deploy.requirements.pins import Pins

ABSENT = "-"


@dataclass(frozen=True, kw_only=True)
class Move:
    """A package that is pinned otherwise than before; "-" where it is not pinned."""

    name: str
    old: str
    new: str


def moves(old: Pins, new: Pins) -> tuple[Move, ...]:
    """The packages whose version differs, by name."""
    before = {name: pin.version for name, pin in old.by_name.items()}
    after = {name: pin.version for name, pin in new.by_name.items()}
    return tuple(
        Move(name=name, old=before.get(name, ABSENT), new=after.get(name, ABSENT))
        for name in sorted(before.keys() | after.keys())
        if before.get(name) != after.get(name)
    )


def table(moved: Iterable[Move]) -> str:
    """Three columns: package, old, new."""
    rows = [("package", "old", "new"), *((move.name, move.old, move.new) for move in moved)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )
