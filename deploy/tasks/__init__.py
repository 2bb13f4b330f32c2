"""The commands, one module a noun. Importing them imports Invoke and nothing else: rooms are opened by task bodies."""

from __future__ import annotations

from collections.abc import Mapping
from types import ModuleType

from invoke.collection import Collection

from deploy.tasks import check, credentials, deploy, doctor, hub, image, lock, report, secrets, space

_HERE: tuple[tuple[ModuleType, tuple[str, ...]], ...] = (
    (check, ("check",)),
    (image, ("build", "smoke")),
    (deploy, ("plan", "push", "deploy", "rollback")),
    (space, ("status", "why", "verify", "load", "logs", "history", "restart", "unlock")),
    (report, ("report",)),
    (doctor, ("doctor",)),
    (credentials, ("credentials",)),
)
_NOUNS: Mapping[str, tuple[ModuleType, tuple[str, ...]]] = {
    "lock": (lock, ("lock", "audit")),
    "secrets": (secrets, ("plan", "sync", "rotate")),
    "hub": (hub, ("up", "down", "status", "open_")),
}


def namespace() -> Collection:
    """Every command under the name a user types."""
    top = Collection()
    for module, names in _HERE:
        for name in names:
            top.add_task(getattr(module, name))
    for noun, (module, names) in _NOUNS.items():
        below = Collection(noun)
        for name in names:
            # A command that is called like its noun is what the noun alone does.
            below.add_task(getattr(module, name), default=name == noun)
        top.add_collection(below)
    return top
