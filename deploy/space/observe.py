"""What is on the Hub now: looked at once, with as few requests as the question allows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from deploy.errors import SpaceNotFound
from deploy.revision import REVISION_FILE
from deploy.space.client import HubClient
from deploy.space.history import is_good
from deploy.space.model import RemoteEntry, SpaceInfo, StoredSecret, StoredVariable

Entries = Mapping[str, tuple[str, str]]
"""A root listing: name -> ("file" | "directory", git object id)."""
KEPT_FILES = frozenset({".gitattributes"})
"""Put there by the Hub when it makes a repository; left alone unless the source has its own."""


@dataclass(frozen=True, kw_only=True)
class Observed:
    """`info` is None when there is no such Space. `files` is None when the root listing proves them equal. `good`: the
    head of `main` was recorded as a good release.
    """

    info: SpaceInfo | None
    files: Mapping[str, RemoteEntry] | None = None
    variables: Mapping[str, StoredVariable] = field(default_factory=dict)
    secrets: Mapping[str, StoredSecret] = field(default_factory=dict)
    good: bool = False

    @property
    def serving(self) -> str | None:
        """The commit that serves now, when it is the head of `main`."""
        if self.info and self.info.runtime.serves(self.info.sha):
            return self.info.sha
        return None


def observe(client: HubClient, wanted: Entries) -> Observed:
    """Look at the Space: 5 requests when its files equal `wanted`, else one more for each 1000 files.

    Git names a folder by its content, so equal root listings prove equal trees.
    """
    info = client.info()
    if info is None:
        return Observed(info=None)
    root = {entry.path: (entry.kind, entry.oid) for entry in client.tree(info.sha)}
    equal = _without_kept(root, wanted) == dict(wanted)
    return Observed(
        info=info,
        files=None if equal else list_files(client, info.sha),
        variables=client.variables(),
        secrets=client.secrets(),
        good=is_good(client, info.sha),
    )


def shipped_revision(client: HubClient, commit: str) -> str:
    """What the file that carries the revision says at a commit; "" when there is none."""
    try:
        return client.read(REVISION_FILE, commit).decode("ascii", "replace").strip()
    except SpaceNotFound:
        return ""


def list_files(client: HubClient, revision: str) -> dict[str, RemoteEntry]:
    """Every file of a revision by path."""
    return {entry.path: entry for entry in client.tree(revision, recursive=True) if entry.kind == "file"}


def _without_kept(root: Entries, wanted: Entries) -> dict[str, tuple[str, str]]:
    return {name: entry for name, entry in root.items() if name in wanted or name not in KEPT_FILES}
