"""From what stands on `main` to what runs: which commits are built, and when a Space restarts."""

from __future__ import annotations

import logging
import shutil
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

from dulwich.objects import Commit
from dulwich.repo import Repo

from deploy.localhub import cards, hardware
from deploy.localhub.cards import JudgedCard
from deploy.localhub.git import checkout, repository
from deploy.localhub.git.large_files import LargeFiles
from deploy.localhub.git.repository import Repository
from deploy.localhub.runtime.model import RuntimeState, SpaceBuild, Viewers
from deploy.localhub.runtime.supervision import Supervision
from deploy.localhub.spaces import Blocked, Space, SpaceBook
from deploy.stages import BUILDING_STAGES

NO_README = "Missing configuration in README"
NO_DOCKERFILE = "No Dockerfile at the root of the repository"
UNUSABLE = "The commit cannot be checked out"
COLLISION = "Collision on variables and secrets names"
OTHER_SDK = "The local Hub runs Docker Spaces only"

ViewersOf = Callable[[str], Viewers]
"""Given a Space's id, who may see it."""


class Publisher:
    """Decides and tells the supervisor. Calls for one Space are taken one after another."""

    def __init__(
        self,
        spaces: SpaceBook,
        repositories: Callable[[str], Repository],
        large_files: LargeFiles,
        supervisor: Supervision,
        viewers: ViewersOf,
    ) -> None:
        self._spaces = spaces
        self._repositories = repositories
        self._large_files = large_files
        self._supervisor = supervisor
        self.viewers = viewers
        self._lock = threading.RLock()
        self._stale: set[str] = set()
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="restarts")

    def publish(self, space_id: str) -> None:
        """Build and run the head of main, unless it is what was built last or the Space is paused."""
        with self._lock:
            space = self._spaces.get(space_id)
            if space is None or space.paused:
                return
            with self._repositories(space_id).open() as repo:
                commit = repository.head(repo)
                judged_last = space.blocked.commit if space.blocked else space.deployed
                if commit is None or commit.id.decode() == judged_last:
                    return
                if build := self._build(repo, space, commit):
                    self._stale.discard(space_id)
                    self._supervisor.space(space_id).deploy(build)

    def settings_changed(self, space_id: str) -> None:
        """A secret or variable is another: restart now, or once more when the restart under way has ended."""
        with self._lock:
            space = self._spaces.get(space_id)
            if space is None or space.paused or not (space.deployed or space.blocked):
                return
            if self._supervisor.space(space_id).state().stage in BUILDING_STAGES:
                self._stale.add(space_id)
            else:
                self.restart(space_id)

    def restart(self, space_id: str, *, factory: bool = False) -> None:
        """Run the head of main again, after a pause too; `factory` builds without any cache."""
        with self._lock:
            self._stale.discard(space_id)
            space = self._spaces.change(space_id, lambda space: replace(space, paused=False))
            with self._repositories(space_id).open() as repo:
                commit = repository.head(repo)
                if commit is None:
                    return
                if build := self._build(repo, space, commit):
                    self._supervisor.space(space_id).restart(build, factory=factory)

    def pause(self, space_id: str) -> None:
        with self._lock:
            self._stale.discard(space_id)
            space = self._spaces.change(space_id, lambda space: replace(space, paused=True))
            if space.deployed:
                self._supervisor.space(space_id).pause()

    def remove(self, space_id: str) -> None:
        with self._lock:
            self._stale.discard(space_id)
            self._supervisor.space(space_id).stop()

    def resume_all(self) -> None:
        """After a start of the Hub: serve again what was served. What keeps one Space from it is its own trouble."""
        for space in self._spaces.all():
            with self._lock:
                shutil.rmtree(self._checkouts(space), ignore_errors=True)
                if space.deployed and not space.paused:
                    self._resume(space, space.deployed)

    def noticed(self, space_id: str, state: RuntimeState) -> None:
        """The supervisor's news. It calls from its own threads, so what follows is done in another."""
        if state.stage not in BUILDING_STAGES and space_id in self._stale:
            self._worker.submit(self._restart_if_stale, space_id)

    def close(self) -> None:
        self._worker.shutdown(wait=True)
        self._supervisor.close()

    def _restart_if_stale(self, space_id: str) -> None:
        with self._lock:
            if space_id in self._stale and self._supervisor.space(space_id).state().stage not in BUILDING_STAGES:
                self.restart(space_id)

    def _resume(self, space: Space, deployed: str) -> None:
        trouble = None
        try:
            with self._repositories(space.id).open() as repo:
                commit = repository.resolve(repo, deployed)
                build = self._checked_out(repo, space, commit, card_of(repo, commit))
                self._supervisor.space(space.id).resume(build)
        except Exception as error:
            logging.getLogger(__name__).exception("%s is not served again", space.id)
            trouble = _unusable(deployed, error)
        if space.blocked is None or space.blocked.commit == deployed:
            self._spaces.change(space.id, lambda space: replace(space, blocked=trouble))

    def _build(self, repo: Repo, space: Space, commit: Commit) -> SpaceBuild | None:
        """What is to run; None when the card, the files or the settings do not allow it, and the Space says so."""
        card = card_of(repo, commit)
        blocked, build = _obstacle(space, repo, commit, card), None
        if blocked is None:
            try:
                build = self._checked_out(repo, space, commit, card)
            except checkout.CannotCheckOut as error:
                blocked = _unusable(commit.id.decode(), error)
        deployed = commit.id.decode() if build else space.deployed
        sdk = card.sdk or space.sdk
        self._spaces.change(space.id, lambda space: replace(space, blocked=blocked, deployed=deployed, sdk=sdk))
        return build

    def _checked_out(self, repo: Repo, space: Space, commit: Commit, card: JudgedCard) -> SpaceBuild:
        """Raises CannotCheckOut."""
        return SpaceBuild(
            space_id=space.id,
            commit=commit.id.decode(),
            folder=checkout.check_out(repo, commit, self._large_files, below=self._checkouts(space)),
            variables={key: variable.value for key, variable in space.variables.items()},
            secrets={key: held.value for key, held in space.secrets.items()},
            environment=_injected(space, card.title, self._supervisor.space(space.id).address),
            app_port=card.app_port,
            private=space.private,
            size=hardware.size(space.hardware),
            viewers=self.viewers(space.id),
        )

    def _checkouts(self, space: Space) -> Path:
        """Where checkouts wait for the supervisor to take them over; what a killed Hub left there is nobody's."""
        return self._spaces.folder(space.id) / "checkouts"


def card_of(repo: Repo, commit: Commit) -> JudgedCard:
    """The card in the README of a commit; an undeclared one without a README."""
    entry = repository.find(repo, commit, "README.md")
    return cards.judge(repository.content(repo, entry.oid) if entry and not entry.folder else b"")


def _obstacle(space: Space, repo: Repo, commit: Commit, card: JudgedCard) -> Blocked | None:
    head = commit.id.decode()
    if not card.declared:
        return Blocked(stage="CONFIG_ERROR", commit=head, message=NO_README)
    if card.errors:
        return Blocked(stage="CONFIG_ERROR", commit=head, message="; ".join(card.errors))
    if card.sdk != "docker":
        return Blocked(stage="CONFIG_ERROR", commit=head, message=OTHER_SDK)
    if both := sorted(space.variables.keys() & space.secrets.keys()):
        return Blocked(stage="CONFIG_ERROR", commit=head, message=f"{COLLISION}: {', '.join(both)}")
    if repository.find(repo, commit, "Dockerfile") is None:
        return Blocked(stage="NO_APP_FILE", commit=head, message=NO_DOCKERFILE)
    return None


def _unusable(commit: str, error: Exception) -> Blocked:
    cause = error if isinstance(error, checkout.CannotCheckOut) else repr(error)
    return Blocked(stage="BUILD_ERROR", commit=commit, message=f"{UNUSABLE}: {cause}")


def _injected(space: Space, title: str | None, address: str) -> dict[str, str]:
    """What every Space finds in its environment (Hub docs, "Spaces Overview")."""
    size = hardware.size(space.hardware)
    return {
        "ACCELERATOR": "none",
        "CPU_CORES": f"{size.cpus:g}",
        "MEMORY": size.told,
        "SPACE_AUTHOR_NAME": space.namespace,
        "SPACE_REPO_NAME": space.name,
        "SPACE_TITLE": title or space.name,
        "SPACE_ID": space.id,
        "SPACE_HOST": urlsplit(address).netloc,
        "SPACE_CREATOR_USER_ID": space.key,
    }
