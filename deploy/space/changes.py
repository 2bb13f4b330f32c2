"""The changes a plan is made of. Each is a value that shows itself on one line."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from deploy.secret import Secret
from deploy.space.model import RemoteEntry
from deploy.space.operations import Delete, Operation, Write

_NAMES_SHOWN = 8


@dataclass(frozen=True, kw_only=True)
class CreateSpace:
    hardware: str
    visibility: str
    variables: Mapping[str, str]
    secrets: Mapping[str, Secret]

    def __str__(self) -> str:
        settings = len(self.variables) + len(self.secrets)
        return f"+ Space           docker, {self.hardware}, {self.visibility}, with {settings} settings"


@dataclass(frozen=True, kw_only=True)
class SetVariable:
    """`old` is None for a new one."""

    name: str
    value: str
    old: str | None

    def __str__(self) -> str:
        if self.old is None:
            return f"+ variable        {self.name} = {self.value!r}"
        return f"~ variable        {self.name} = {self.value!r} (was {self.old!r})"


@dataclass(frozen=True, kw_only=True)
class RemoveVariable:
    """`first`: before the secret of that name is written. `old` is None where there is a secret of that name already:
    beside it, the variable is not put back.
    """

    name: str
    old: str | None
    first: bool = False

    def __str__(self) -> str:
        if self.first:
            return f"- variable        {self.name}, as a secret has its name"
        was = "" if self.old is None else f" (was {self.old!r})"
        return f"- variable        {self.name}{was}, after the new release serves"


@dataclass(frozen=True, kw_only=True)
class SetSecret:
    """`state` says why: missing, generated, changed, rotated, edited elsewhere, not ours. `superseded` are fingerprints
    of values that were rotated out.
    """

    name: str
    value: Secret
    state: str
    superseded: tuple[str, ...] = ()

    def __str__(self) -> str:
        sign, back = ("+", "removes it again") if self.new else ("~", "cannot bring an old value back")
        return f"{sign} secret          {self.name} ({self.state}); a rollback {back}"

    @property
    def new(self) -> bool:
        return self.state in {"missing", "generated"}


@dataclass(frozen=True, kw_only=True)
class RemoveSecret:
    """`first`: before the variable of that name is written."""

    name: str
    first: bool = False

    def __str__(self) -> str:
        if self.first:
            return f"- secret          {self.name}, as a variable has its name; a rollback cannot bring it back"
        return f"- secret          {self.name}, after the new release serves"


@dataclass(frozen=True, kw_only=True)
class SetHardware:
    value: str
    old: str

    def __str__(self) -> str:
        return f"~ hardware        {self.value} (was {self.old})"


@dataclass(frozen=True, kw_only=True)
class SetVisibility:
    value: str
    old: str

    def __str__(self) -> str:
        return f"~ visibility      {self.value} (was {self.old})"


@dataclass(frozen=True, kw_only=True)
class DesiredFile(Write):
    """One file as it should be, with its size in bytes and its git blob id."""

    size: int
    oid: str

    def equals(self, remote: RemoteEntry) -> bool:
        if remote.lfs is None:
            return remote.oid == self.oid
        content = self.content if isinstance(self.content, bytes) else self.content.read_bytes()
        return remote.size == self.size and remote.lfs == hashlib.sha256(content).hexdigest()


@dataclass(frozen=True, kw_only=True)
class WriteFiles:
    """One commit: files added and changed, paths deleted."""

    added: tuple[DesiredFile, ...] = ()
    changed: tuple[DesiredFile, ...] = ()
    deleted: tuple[str, ...] = ()

    @property
    def operations(self) -> tuple[Operation, ...]:
        return (*self.added, *self.changed, *(Delete(path=path) for path in self.deleted))

    def __str__(self) -> str:
        counted = f"{len(self.added)} added, {len(self.changed)} changed, {len(self.deleted)} deleted"
        size = sum(file.size for file in (*self.added, *self.changed))
        rows = [f"~ files           {counted}, {size / 1000:.1f} kB, in one commit"]
        added, changed = ([file.path for file in files] for files in (self.added, self.changed))
        for sign, paths in (("+", added), ("~", changed), ("-", self.deleted)):
            rows += [f"    {sign} {path}" for path in paths[:_NAMES_SHOWN]]
            if len(paths) > _NAMES_SHOWN:
                rows.append(f"    {sign} … and {len(paths) - _NAMES_SHOWN} more")
        return "\n".join(rows)


@dataclass(frozen=True, kw_only=True)
class Restart:
    """The content is right and the Space does not serve it. `factory` builds the image anew."""

    stage: str
    factory: bool

    def __str__(self) -> str:
        return f"~ restart         the Space is {self.stage}{', with a new build' if self.factory else ''}"


@dataclass(frozen=True, kw_only=True)
class Verify:
    """The content is right and was never recorded as good: whoever shipped it did not see it through."""

    commit: str

    def __str__(self) -> str:
        return f"~ verify          {self.commit[:12]} was never verified: it is checked and recorded, or taken back"


Change = (
    CreateSpace
    | SetVariable
    | RemoveVariable
    | SetSecret
    | RemoveSecret
    | SetHardware
    | SetVisibility
    | WriteFiles
    | Restart
    | Verify
)
Removal = RemoveVariable | RemoveSecret
"""Carried out last, so that the old code never loses what it needs; or first, where the name is needed."""
