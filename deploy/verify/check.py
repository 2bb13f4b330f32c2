"""A check as a value: what must hold, and the function that looks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

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
    """`name` is the one in the specification's tasks; `asked` is one line, what must hold.

    `alone`: it measures time or disturbs the deployment, so that nothing else may run beside it.
    `run` raises deploy.proof.NotRun when it cannot look.
    """

    name: str
    asked: str
    run: Callable[[Subject], Seen]
    alone: bool = False
