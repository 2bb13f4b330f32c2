"""A Space in memory: what HubClient offers, without HTTP, with failures on demand."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from deploy.errors import Conflict, SpaceNotFound
from deploy.lfs import Pointer
from deploy.secret import Secret
from deploy.source.objects import blob_oid, root_entries
from deploy.space.client import HubClient
from deploy.space.model import CommitRecord, Memory, Refs, RemoteEntry, Runtime, SpaceInfo, StoredSecret, StoredVariable
from deploy.space.operations import Delete, Operation, Restore, Write
from tests.unit.space.asked import Asked, HubTraffic, answering


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """One commit with all its files."""

    record: CommitRecord
    files: Mapping[str, bytes]


@dataclass
class MemoryHub(Asked):
    """`stages` are told one by one, the last for ever; without any, the head of `main` runs.

    `builds` are the stages after each coming commit, its own ones by name; without any, it runs at once.
    """

    space: str = "owner/tasks"
    endpoint: str = "https://hub.example"
    sdk: str = "docker"
    host: str = "https://owner-tasks.space.example"
    hardware: str | None = "cpu-basic"
    private: bool = False
    history: list[Snapshot] = field(default_factory=list)
    stored_variables: dict[str, StoredVariable] = field(default_factory=dict)
    stored_secrets: dict[str, StoredSecret] = field(default_factory=dict)
    branches: dict[str, str] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    lfs: set[str] = field(default_factory=set)
    stages: list[Runtime] = field(default_factory=list)
    builds: list[Sequence[str | Runtime]] = field(default_factory=list)
    log: Mapping[str, Sequence[str]] = field(default_factory=dict)
    used: Memory = field(default_factory=lambda: Memory(used=96 * 1024**2, total=16 * 1024**3))
    account: Mapping[str, Any] = field(default_factory=lambda: {"name": "owner"})
    traffic: HubTraffic = field(default_factory=HubTraffic)

    @property
    def client(self) -> HubClient:
        return cast(HubClient, self)

    @property
    def page(self) -> str:
        return f"{self.endpoint}/spaces/{self.space}"

    @property
    def viewer_token(self) -> Secret:
        return Secret("hf_viewer")

    @property
    def head(self) -> str:
        return self.history[0].record.sha

    @property
    def files(self) -> Mapping[str, bytes]:
        return self.history[0].files

    @property
    def values(self) -> dict[str, str]:
        """The variables by name."""
        return {name: stored.value for name, stored in self.stored_variables.items()}

    def land(self, files: Mapping[str, bytes], *, title: str = "by hand", message: str = "") -> str:
        """A commit on `main` by whoever."""
        sha = hashlib.sha1(f"{len(self.history)} {title} {message}".encode(), usedforsecurity=False).hexdigest()
        record = CommitRecord(sha=sha, title=title, message=message, date=self.traffic.now, authors=("someone",))
        self.history.insert(0, Snapshot(record=record, files=dict(files)))
        self.branches["main"] = sha
        return sha

    def at(self, revision: str) -> Mapping[str, bytes]:
        if revision == "main":
            return self.files
        found = [snapshot.files for snapshot in self.history if snapshot.record.sha == revision]
        if not found:
            raise SpaceNotFound(f"no revision {revision}")
        return found[0]

    @answering
    def sign(self) -> Secret:
        return Secret("pass.of.owner")

    @answering
    def memory(self) -> Memory:
        return self.used

    # Looking -----------------------------------------------------------------------------------------------

    @answering
    def info(self) -> SpaceInfo | None:
        if not self.history:
            return None
        runtime = self._runtime()
        return SpaceInfo(
            id=self.space, sha=self.head, sdk=self.sdk, host=self.host, private=self.private, runtime=runtime
        )

    @answering
    def runtime(self) -> Runtime:
        return self._runtime()

    @answering
    def tree(self, revision: str = "main", *, recursive: bool = False) -> tuple[RemoteEntry, ...]:
        files = {path: self._entry(path, content) for path, content in self.at(revision).items()}
        if recursive:
            return tuple(files.values())
        root = root_entries({path: entry.oid for path, entry in files.items()})
        return tuple(
            files.get(name) or RemoteEntry(path=name, kind=kind, oid=oid, size=0) for name, (kind, oid) in root.items()
        )

    @answering
    def variables(self) -> Mapping[str, StoredVariable]:
        return dict(self.stored_variables)

    @answering
    def secrets(self) -> Mapping[str, StoredSecret]:
        return dict(self.stored_secrets)

    @answering
    def commits(self) -> tuple[CommitRecord, ...]:
        return tuple(snapshot.record for snapshot in self.history)

    @answering
    def refs(self) -> Refs:
        return Refs(branches=dict(self.branches), tags=dict(self.tags))

    @answering
    def read(self, path: str, revision: str) -> bytes:
        try:
            return self.at(revision)[path]
        except KeyError:
            raise SpaceNotFound(f"no {path}") from None

    @answering
    def logs(self, kind: str, *, follow: bool = False) -> Iterator[str]:
        return iter(self.log.get(kind, ()))

    @answering
    def check_write(self) -> None:
        return

    @answering
    def whoami(self) -> Mapping[str, Any]:
        return self.account

    # Changing ----------------------------------------------------------------------------------------------

    @answering
    def create(
        self,
        *,
        hardware: str,
        visibility: str,
        variables: Mapping[str, tuple[str, str]],
        secrets: Mapping[str, tuple[Secret, str]],
    ) -> None:
        self.hardware, self.private = hardware, visibility == "private"
        self.land({".gitattributes": b"*.bin filter=lfs"}, title="initial commit")
        self.stages = [Runtime(stage="NO_APP_FILE", hardware=hardware)]
        for name, (value, description) in variables.items():
            self._store_variable(name, value, description)
        for name, (_, description) in secrets.items():
            self._store_secret(name, description)

    @answering
    def commit(self, operations: Sequence[Operation], *, title: str, message: str, parent: str) -> str:
        if parent != self.head:
            raise Conflict("moved on (412)")
        files = dict(self.files)
        for operation in operations:
            match operation:
                case Write(path=path, content=bytes() as content):
                    files[path] = content
                case Write(path=path, content=Path() as file):
                    files[path] = file.read_bytes()
                case Restore(path=path, revision=revision):
                    files[path] = self.at(revision)[path]
                case Delete(path=path):
                    del files[path]
        sha = self.land(files, title=title, message=message)
        build = self.builds.pop(0) if self.builds else ()
        self.stages = [each if isinstance(each, Runtime) else Runtime(stage=each, sha=sha) for each in build]
        return sha

    @answering
    def set_variable(self, name: str, value: str, description: str) -> None:
        self._store_variable(name, value, description)

    @answering
    def delete_variable(self, name: str) -> None:
        self.stored_variables.pop(name, None)

    @answering
    def set_secret(self, name: str, value: Secret, description: str) -> None:
        self._store_secret(name, description)

    @answering
    def delete_secret(self, name: str) -> None:
        self.stored_secrets.pop(name, None)

    @answering
    def set_hardware(self, hardware: str) -> None:
        self.hardware = hardware

    @answering
    def set_visibility(self, visibility: str) -> None:
        self.private = visibility == "private"

    @answering
    def restart(self, *, factory: bool = False) -> None:
        self.stages = []

    @answering
    def create_branch(self, name: str) -> None:
        if name in self.branches:
            raise Conflict("it is there already (409)")
        self.branches[name] = self.head

    @answering
    def delete_branch(self, name: str) -> None:
        self.branches.pop(name, None)

    @answering
    def create_tag(self, name: str, commit: str, *, message: str = "") -> None:
        self.tags.setdefault(name, commit)

    @answering
    def delete_tag(self, name: str) -> None:
        if self.tags.pop(name, None) is None:
            raise SpaceNotFound("no such tag (404)")

    # Inside ------------------------------------------------------------------------------------------------

    def _runtime(self) -> Runtime:
        if not self.stages:
            return Runtime(stage="RUNNING", sha=self.head, hardware=self.hardware)
        return self.stages.pop(0) if len(self.stages) > 1 else self.stages[0]

    def _entry(self, path: str, content: bytes) -> RemoteEntry:
        if path not in self.lfs:
            return RemoteEntry(path=path, kind="file", oid=blob_oid(content), size=len(content))
        sha256 = hashlib.sha256(content).hexdigest()
        oid = blob_oid(Pointer(oid=sha256, size=len(content)).data)
        return RemoteEntry(path=path, kind="file", oid=oid, size=len(content), lfs=sha256)

    def _store_variable(self, name: str, value: str, description: str) -> None:
        self.stored_variables[name] = StoredVariable(value=value, description=description)

    def _store_secret(self, name: str, description: str) -> None:
        self.stored_secrets[name] = StoredSecret(description=description, updated_at=self.traffic.now)
