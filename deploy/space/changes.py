"""The changes a plan is made of. Each is a value that shows itself on one line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from deploy.secret import Secret

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
    name: str
    old: str

    def __str__(self) -> str:
        return f"- variable        {self.name} (was {self.old!r}), after the new release serves"


@dataclass(frozen=True, kw_only=True)
class SetSecret:
    """`state` says why: missing, generated, changed, edited elsewhere, not ours."""

    name: str
    value: Secret
    state: str

    def __str__(self) -> str:
        sign = "+" if self.state in {"missing", "generated"} else "~"
        return f"{sign} secret          {self.name} ({self.state}); a rollback cannot bring an old value back"


@dataclass(frozen=True, kw_only=True)
class RemoveSecret:
    name: str

    def __str__(self) -> str:
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
class WriteFiles:
    """One commit: paths added, changed and deleted; bytes sent at the most."""

    added: tuple[str, ...]
    changed: tuple[str, ...]
    deleted: tuple[str, ...]
    size: int

    @property
    def count(self) -> int:
        return len(self.added) + len(self.changed) + len(self.deleted)

    def __str__(self) -> str:
        counted = f"{len(self.added)} added, {len(self.changed)} changed, {len(self.deleted)} deleted"
        rows = [f"~ files           {counted}, {self.size / 1000:.1f} kB, in one commit"]
        for sign, paths in (("+", self.added), ("~", self.changed), ("-", self.deleted)):
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
)
Removal = RemoveVariable | RemoveSecret
"""Carried out last, so that the old code never loses what it needs."""
