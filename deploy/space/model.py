"""What the Hub says of a Space, as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from deploy.stages import RUNNING


@dataclass(frozen=True, kw_only=True)
class Runtime:
    """`sha` is the commit the running, or being built, image came from; None when the Hub does not say.

    `volumes` are the folders at which one that can be written is mounted: a repository is read-only, a bucket need not.
    """

    stage: str
    sha: str | None = None
    error_message: str | None = None
    hardware: str | None = None
    volumes: tuple[str, ...] = ()

    @classmethod
    def parse(cls, raw: Mapping[str, Any]) -> Runtime:
        hardware = raw.get("hardware") or {}
        return cls(
            stage=str(raw["stage"]),
            sha=raw.get("sha"),
            error_message=raw.get("errorMessage"),
            hardware=hardware.get("requested") or hardware.get("current"),
            volumes=tuple(str(each["mountPath"]) for each in raw.get("volumes") or () if _can_be_written(each)),
        )

    def serves(self, commit: str) -> bool:
        return self.stage == RUNNING and self.sha == commit


def _can_be_written(volume: Mapping[str, Any]) -> bool:
    return volume.get("type") == "bucket" and not volume.get("readOnly")


@dataclass(frozen=True, kw_only=True)
class SpaceInfo:
    """The Space itself: head commit of `main`, SDK, address, runtime."""

    id: str
    sha: str
    sdk: str | None
    host: str
    private: bool
    runtime: Runtime


@dataclass(frozen=True, kw_only=True)
class Memory:
    """Bytes that the app of a Space uses, and that its hardware gives it."""

    used: int
    total: int


@dataclass(frozen=True, kw_only=True)
class RemoteEntry:
    """One row of a tree listing. `oid` is git's; `lfs` the sha256 of a file kept outside git; sizes in bytes."""

    path: str
    kind: str
    oid: str
    size: int
    lfs: str | None = None


@dataclass(frozen=True, kw_only=True)
class StoredVariable:
    value: str
    description: str | None


@dataclass(frozen=True, kw_only=True)
class StoredSecret:
    """All the Hub tells of a secret: never its value."""

    description: str | None
    updated_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class CommitRecord:
    """One commit of `main`, newest first in a listing."""

    sha: str
    title: str
    message: str
    date: datetime
    authors: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Refs:
    """Branches and tags by name, each with the commit it points to."""

    branches: Mapping[str, str]
    tags: Mapping[str, str]
