"""The Spaces of this Hub: what is known of each beside its repository, kept in files that outlive the server."""

from __future__ import annotations

import re
import shutil
import threading
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from deploy.localhub import statefile
from deploy.secret import Secret

_PART = re.compile(r"[A-Za-z0-9](?!.*(?:--|\.\.))[A-Za-z0-9._-]{0,95}")


def is_name(part: str) -> bool:
    """Whether a namespace or repository name is one: also what makes it safe as a folder's name."""
    return bool(_PART.fullmatch(part)) and not part.endswith((".git", ".", "-"))


def subdomain(space_id: str) -> str:
    """The host name the real Hub would give: lower case, everything else a dash."""
    return re.sub(r"[^a-z0-9]+", "-", space_id.lower()).strip("-")


@dataclass(frozen=True, kw_only=True)
class Variable:
    value: str
    updated: str
    description: str | None = None


@dataclass(frozen=True, kw_only=True)
class StoredSecret:
    value: Secret
    updated: str
    description: str | None = None


@dataclass(frozen=True, kw_only=True)
class Blocked:
    """Why the head of main is not run, when that shows without building: NO_APP_FILE, CONFIG_ERROR, BUILD_ERROR."""

    stage: str
    commit: str
    message: str


@dataclass(frozen=True, kw_only=True)
class Publisher:
    """A workflow whose identity token may be exchanged for write access to the Space."""

    repository: str
    branch: str | None = None
    workflow: str | None = None


@dataclass(frozen=True, kw_only=True)
class Space:
    """`key` is the Hub's 24 hex digits; `sleep` is in seconds, -1 for never; times are in the Hub's form."""

    id: str
    key: str
    sdk: str
    creator: str
    created: str
    visibility: str = "public"
    hardware: str = "cpu-basic"
    sleep: int = 172800
    dev_mode: bool = False
    paused: bool = False
    deployed: str | None = None
    blocked: Blocked | None = None
    volumes: tuple[Mapping[str, Any], ...] = ()
    publishers: tuple[Publisher, ...] = ()
    variables: Mapping[str, Variable] = field(default_factory=dict)
    secrets: Mapping[str, StoredSecret] = field(default_factory=dict)

    @property
    def namespace(self) -> str:
        return self.id.partition("/")[0]

    @property
    def name(self) -> str:
        return self.id.partition("/")[2]

    @property
    def private(self) -> bool:
        """The app asks for a token."""
        return self.visibility == "private"

    @property
    def hidden(self) -> bool:
        """The repository is its members' alone; the app of a `protected` Space is everybody's."""
        return self.visibility != "public"


class SpaceBook:
    """All Spaces, by id. Every change is on disk when the call returns."""

    def __init__(self, home: Path) -> None:
        self._folder = home / "spaces"
        self._lock = threading.RLock()
        self._spaces = {space.id: space for space in map(_load, sorted(self._folder.glob("*/*/space.json")))}

    def all(self) -> tuple[Space, ...]:
        with self._lock:
            return tuple(self._spaces.values())

    def get(self, space_id: str) -> Space | None:
        return self._spaces.get(space_id)

    def add(self, space: Space) -> bool:
        """False, and nothing done, when one of that id is there."""
        with self._lock:
            if space.id in self._spaces:
                return False
            self._save(space)
            return True

    def change(self, space_id: str, edit: Callable[[Space], Space]) -> Space:
        """Apply `edit` to the Space as it is now. Raises KeyError when it is gone."""
        with self._lock:
            space = edit(self._spaces[space_id])
            self._save(space)
            return space

    def remove(self, space_id: str) -> None:
        with self._lock:
            if self._spaces.pop(space_id, None):
                shutil.rmtree(self.folder(space_id), ignore_errors=True)

    def folder(self, space_id: str) -> Path:
        return self._folder / space_id

    def _save(self, space: Space) -> None:
        public = asdict(replace(space, secrets={}))
        secrets = {
            key: {"value": held.value.reveal(), "updated": held.updated, "description": held.description}
            for key, held in space.secrets.items()
        }
        statefile.write(self.folder(space.id) / "secrets.json", secrets)
        statefile.write(self.folder(space.id) / "space.json", public)
        self._spaces[space.id] = space


def _load(path: Path) -> Space:
    facts = statefile.read(path)
    held = statefile.read(path.with_name("secrets.json"))
    facts["secrets"] = {key: StoredSecret(**{**one, "value": Secret(one["value"])}) for key, one in held.items()}
    facts["variables"] = {key: Variable(**one) for key, one in facts["variables"].items()}
    facts["blocked"] = Blocked(**facts["blocked"]) if facts["blocked"] else None
    facts["publishers"] = tuple(Publisher(**one) for one in facts["publishers"])
    facts["volumes"] = tuple(facts["volumes"])
    return Space(**facts)
