"""What a saboteur is: something broken on purpose, and the tasks that must not be proved because of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["source", "image", "backend", "Space", "evidence"]


@dataclass(frozen=True, kw_only=True)
class Saboteur:
    """`breaks` is one line. `tasks` are those that it turns red: these and no others. `kind` is what it is done to."""

    name: str
    breaks: str
    tasks: tuple[str, ...]
    kind: Kind
