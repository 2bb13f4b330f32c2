"""Saboteurs of the running backend: each a function that takes the app and gives a worse one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from starlette.types import ASGIApp

from tests.saboteurs.model import Saboteur

Sabotage = Callable[[ASGIApp], ASGIApp]


@dataclass(frozen=True, kw_only=True)
class LiveSaboteur(Saboteur):
    sabotage: Sabotage


REGISTERED: list[LiveSaboteur] = []


def turns_red(*tasks: str) -> Callable[[Sabotage], Sabotage]:
    """The function's name is the saboteur's, its docstring what it breaks."""

    def register(sabotage: Sabotage) -> Sabotage:
        name, breaks = sabotage.__name__.replace("_", " "), (sabotage.__doc__ or "").strip().rstrip(".")
        REGISTERED.append(LiveSaboteur(name=name, breaks=breaks, tasks=tasks, kind="backend", sabotage=sabotage))
        return sabotage

    return register
