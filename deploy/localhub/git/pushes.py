"""What a `git push` may do: the rules that hold for the Hub's repositories, checked before a reference moves."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from dulwich.errors import HookError
from dulwich.hooks import Hook
from dulwich.objects import ZERO_SHA, Blob, Commit, ObjectID
from dulwich.protocol import SIDE_BAND_CHANNEL_PROGRESS
from dulwich.refs import Ref
from dulwich.repo import Repo
from dulwich.server import ReceivePackHandler

from deploy import lfs
from deploy.localhub.answers import Refusal
from deploy.localhub.git import fsck, hooks, references, repository
from deploy.localhub.git.large_files import LargeFiles
from deploy.localhub.git.repository import MAIN
from deploy.localhub.git.upload_modes import REGULAR_LIMIT

_FAMILIES = (b"refs/heads/", b"refs/tags/")


class UpdateHook(Hook):
    """git's `update` hook: called for each reference, after the objects have come and before it moves.

    The server writes a reference only if it is where the pusher saw it, and would tell the pusher so in neither
    case: the hook refuses first. The caller holds the repository's lock.
    """

    def __init__(self, repo: Repo, large_files: LargeFiles) -> None:
        self._repo = repo
        self._large_files = large_files
        self.handler: ReceivePackHandler | None = None

    def execute(self, *args: object) -> tuple[bytes, bytes]:
        """Raises HookError with one line; what else there is to say goes to the pusher's terminal."""
        ref, old, new = args
        assert isinstance(ref, bytes)
        assert isinstance(new, bytes)
        if not ref.startswith(_FAMILIES):
            raise HookError("only branches and tags are taken")
        if (self._repo.refs.read_ref(Ref(ref)) or ZERO_SHA) != old:
            raise HookError("stale info")
        if new == ZERO_SHA:
            if ref == MAIN:
                raise HookError("main cannot be deleted")
            return b"", b""
        if obstacle := references.obstacle(self._repo, Ref(ref)):
            raise HookError(obstacle)
        try:
            tip = repository.resolve(self._repo, new.decode())
        except Refusal:
            raise HookError("not a commit") from None
        try:
            self._check(Ref(ref), tip)
        except Refusal as refusal:
            self._tell(refusal.message)
            raise HookError("pre-receive hook declined") from None
        return b"", b""

    def _check(self, ref: Ref, new: Commit) -> None:
        """Raises Refusal."""
        name = ref.decode()
        hooks.refuse(hooks.UNUSABLE, fsck.of_tree(self._repo, new.tree), name)
        files = list(_new_files(self._repo, new))
        hooks.refuse(hooks.TOO_LARGE, (path for path, data in files if len(data) > REGULAR_LIMIT), name)
        hooks.refuse(hooks.BINARY, (path for path, data in files if not hooks.is_text(data)), name)
        hooks.refuse(hooks.POINTER, self._unmet(files), name)
        if ref == MAIN:
            hooks.check_card(_readme(self._repo, new))

    def _unmet(self, files: Sequence[tuple[str, bytes]]) -> Iterator[str]:
        for path, data in files:
            pointer = lfs.parse(data)
            if pointer and not self._large_files.has(pointer):
                yield path

    def _tell(self, text: str) -> None:
        if self.handler:
            self.handler.proto.write_sideband(SIDE_BAND_CHANNEL_PROGRESS, f"{text}\n".encode())


def _new_files(repo: Repo, tip: Commit) -> Iterator[tuple[str, bytes]]:
    """Path and content of each file that a commit brings which no reference reached before."""
    known = [ObjectID(oid) for oid in repo.refs.as_dict().values()]
    for entry in repo.get_walker(include=[tip.id], exclude=known, reverse=True):
        for change in entry.changes():
            for one in change if isinstance(change, list) else [change]:
                file = one.new if one else None
                if file and file.path and file.sha and file.sha in repo.object_store:
                    blob = repo[file.sha]
                    if isinstance(blob, Blob):
                        yield file.path.decode("utf-8", "replace"), blob.data


def _readme(repo: Repo, new: Commit) -> bytes | None:
    entry = repository.find(repo, new, "README.md")
    return repository.content(repo, entry.oid) if entry and not entry.folder else None
