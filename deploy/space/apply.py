"""Carries a plan's changes out, and remembers what was written so that it can be told and put back."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from deploy.space.changes import (
    Change,
    CreateSpace,
    RemoveSecret,
    RemoveVariable,
    Restart,
    SetHardware,
    SetSecret,
    SetVariable,
    SetVisibility,
    WriteFiles,
)
from deploy.space.client import HubClient
from deploy.space.secrets import VARIABLE_DESCRIPTION, describe


@dataclass
class Journal:
    """What reached the Hub, in order. A change is noted before it is sent: an interrupt may hide the answer.

    `sent` names the deploy whose commit was sent, `commit` is what came of it. `require_lease` is called before each
    write, and raises LeaseHeld when the right to change the Space was lost.
    """

    require_lease: Callable[[], None] = lambda: None
    written: list[Change] = field(default_factory=list)
    sent: str = ""
    commit: str | None = None

    def __bool__(self) -> bool:
        return bool(self.written or self.commit)

    @property
    def lines(self) -> tuple[str, ...]:
        rows = [str(change).splitlines()[0] for change in self.written]
        return (*rows, *([f"commit {self.commit[:12]} on main"] if self.commit else []))


def apply(client: HubClient, changes: Iterable[Change], journal: Journal) -> None:
    """Write the changes other than files, one request each. Raises what the client raises, half-way too."""
    for change in changes:
        if isinstance(change, WriteFiles):
            continue
        journal.require_lease()
        journal.written.append(change)
        _write(client, change)


def undo_settings(client: HubClient, journal: Journal) -> tuple[str, ...]:
    """Put written settings back, newest first; gives a line for each change that cannot be. A secret that was not there
    before is removed again.
    """
    lasting: list[str] = []
    for change in reversed(journal.written):
        journal.require_lease()
        if told := _undo(client, change):
            lasting.append(told)
    return tuple(lasting)


def _undo(client: HubClient, change: Change) -> str:
    match change:
        case SetVariable(name=name, old=None):
            client.delete_variable(name)
        case SetVariable(name=name, old=str(old)) | RemoveVariable(name=name, old=str(old)):
            client.set_variable(name, old, VARIABLE_DESCRIPTION)
        case RemoveVariable(name=name):
            return f"variable {name} stays removed: there is a secret of that name"
        case SetHardware(old=old):
            client.set_hardware(old)
        case SetVisibility(old=old):
            client.set_visibility(old)
        case SetSecret(name=name, new=True):
            client.delete_secret(name)
        case SetSecret(name=name):
            return f"secret {name} keeps its new value: the Hub does not give the old one back"
        case RemoveSecret(name=name):
            return f"secret {name} was removed and cannot be brought back"
        case CreateSpace():
            return "the Space was created and stays"
    return ""


def _write(client: HubClient, change: Change) -> None:
    now = client.traffic.hub_time()
    match change:
        case CreateSpace():
            client.create(
                hardware=change.hardware,
                visibility=change.visibility,
                variables={name: (value, VARIABLE_DESCRIPTION) for name, value in change.variables.items()},
                secrets={name: (value, describe(value, now)) for name, value in change.secrets.items()},
            )
        case SetVariable(name=name, value=value):
            client.set_variable(name, value, VARIABLE_DESCRIPTION)
        case RemoveVariable(name=name):
            client.delete_variable(name)
        case SetSecret(name=name, value=secret, superseded=superseded):
            client.set_secret(name, secret, describe(secret, now, superseded))
        case RemoveSecret(name=name):
            client.delete_secret(name)
        case SetHardware(value=hardware):
            client.set_hardware(hardware)
        case SetVisibility(value=visibility):
            client.set_visibility(visibility)
        case Restart(factory=factory):
            client.restart(factory=factory)
