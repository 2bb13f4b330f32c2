"""The parts of one running Hub, and where in its home each keeps what it knows."""

from __future__ import annotations

import secrets
import shutil
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from deploy.localhub import clock, statefile
from deploy.localhub.git import committing, locks, repository
from deploy.localhub.git.large_files import LargeFiles
from deploy.localhub.git.operations import CommitRequest
from deploy.localhub.git.repository import Repository
from deploy.localhub.git.upload_modes import DEFAULT_ATTRIBUTES
from deploy.localhub.git.xet import XetFolders
from deploy.localhub.identity import passes
from deploy.localhub.identity.access import Caller
from deploy.localhub.identity.accounts import Accounts
from deploy.localhub.misbehaviour.faults import Faults
from deploy.localhub.misbehaviour.quotas import Quotas
from deploy.localhub.misbehaviour.traffic import Traffic
from deploy.localhub.publishing import Publisher
from deploy.localhub.runtime.model import RuntimeState, Viewers
from deploy.localhub.runtime.supervision import Supervision
from deploy.localhub.spaces import Space, SpaceBook

OnChange = Callable[[str, RuntimeState], None]
SupervisorFactory = Callable[[Path, OnChange], Supervision]


class Hub:
    """Everything that routes use. `supervisor` is made last, as it calls back into the publisher."""

    def __init__(self, home: Path, supervisor: SupervisorFactory, *, time: clock.Clock = clock.now) -> None:
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.home = home
        self.time = time
        self.accounts = Accounts(home, time)
        self.spaces = SpaceBook(home)
        self.uploads = XetFolders(home / "xet")
        self.uploads.sweep()
        self.large_files = LargeFiles(home / "lfs", self.uploads)
        self.traffic = Traffic()
        self.faults = Faults()
        self.quotas = Quotas()
        self.signing_key = _signing_key(home / "oidc.json")
        self.pass_key = _signing_key(home / "passes.json")
        self.workflow_claims: dict[str, Any] = {}
        self.owner_token = self.accounts.owner_token()
        self._repositories: dict[str, Repository] = {}
        self._lock = threading.Lock()
        self.supervisor = supervisor(home, self._noticed)
        self.publisher = Publisher(self.spaces, self.repository, self.large_files, self.supervisor, self._viewers)
        for space in self.spaces.all():
            locks.clear(self.repository(space.id).path)
        self.publisher.resume_all()

    def repository(self, space_id: str) -> Repository:
        """The one object for a Space's repository, as it carries the lock."""
        with self._lock:
            path = self.home / "repos" / "spaces" / f"{space_id}.git"
            return self._repositories.setdefault(space_id, Repository(path))

    def add_space(self, space: Space, *, copy_of: str | None = None) -> bool:
        """A new Space with one commit, or with another's repository; False when there is one of that id."""
        held = self.repository(space.id)
        with held.lock:
            if self.spaces.get(space.id):
                return False
            shutil.rmtree(held.path, ignore_errors=True)
            if copy_of:
                shutil.copytree(self.repository(copy_of).path, held.path)
                return self.spaces.add(space)
            held.create()
            with held.writing() as repo:
                first = CommitRequest(summary="initial commit", regular={".gitattributes": DEFAULT_ATTRIBUTES.encode()})
                committing.commit(repo, repository.MAIN, first, author=space.creator, at=self.time(), parent=None)
            return self.spaces.add(space)

    def remove_space(self, space_id: str) -> None:
        held = self.repository(space_id)
        with held.lock:
            self.publisher.remove(space_id)
            self.spaces.remove(space_id)
            shutil.rmtree(held.path, ignore_errors=True)

    def close(self) -> None:
        self.publisher.close()

    def _noticed(self, space_id: str, state: RuntimeState) -> None:
        self.publisher.noticed(space_id, state)

    def _viewers(self, space_id: str) -> Viewers:
        def by_token(token: str) -> bool:
            grant, space = self.accounts.grant(token), self.spaces.get(space_id)
            user = self.accounts.user(grant.user) if grant else None
            return space is not None and Caller(user=user, grant=grant).belongs_to(space)

        def by_pass(token: str) -> bool:
            name = passes.holder(token, space_id, key=self.pass_key, now=self.time().timestamp())
            user = self.accounts.user(name) if name else None
            return user is not None and user.owns(space_id.partition("/")[0])

        return Viewers(by_token=by_token, by_pass=by_pass)


def _signing_key(path: Path) -> str:
    """What one kind of token of this Hub is signed with, kept at `path`; made once for a home."""
    stored = statefile.read(path)
    if "key" not in stored:
        stored = {"key": secrets.token_hex(32)}
        statefile.write(path, stored)
    return str(stored["key"])
