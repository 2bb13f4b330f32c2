"""What a `git push` may do: the rules that hold for the Hub's repositories, checked before a reference moves."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from dulwich.errors import HookError, ObjectFormatException
from dulwich.hooks import Hook
from dulwich.objects import ZERO_SHA, Blob, Commit, ObjectID
from dulwich.protocol import SIDE_BAND_CHANNEL_PROGRESS
from dulwich.refs import Ref
from dulwich.repo import Repo
from dulwich.server import ReceivePackHandler

from deploy import lfs
from deploy.localhub import checkout, hooks, repository
from deploy.localhub.answers import Refusal
from deploy.localhub.large_files import LargeFiles
from deploy.localhub.repository import MAIN
from deploy.localhub.upload_modes import REGULAR_LIMIT

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
        self._check_names(ObjectID(new))
        self._check(Ref(ref), ObjectID(new))
        return b"", b""

    def _check_names(self, new: ObjectID) -> None:
        try:
            checkout.check_names(self._repo, repository.resolve(self._repo, new.decode()).tree)
        except (ObjectFormatException, Refusal):
            raise HookError("not a commit whose files can be checked out") from None

    def _check(self, ref: Ref, new: ObjectID) -> None:
        files = list(_new_files(self._repo, new))
        name = ref.decode()
        try:
            hooks.refuse(hooks.TOO_LARGE, (path for path, data in files if len(data) > REGULAR_LIMIT), name)
            hooks.refuse(hooks.BINARY, (path for path, data in files if not hooks.is_text(data)), name)
            hooks.refuse(hooks.POINTER, self._unmet(files), name)
            if ref == MAIN:
                hooks.check_card(_readme(self._repo, new))
        except Refusal as refusal:
            self._tell(refusal.message)
            raise HookError("pre-receive hook declined") from None

    def _unmet(self, files: Sequence[tuple[str, bytes]]) -> Iterator[str]:
        for path, data in files:
            pointer = lfs.parse(data)
            if pointer and not self._large_files.has(pointer):
                yield path

    def _tell(self, text: str) -> None:
        if self.handler:
            self.handler.proto.write_sideband(SIDE_BAND_CHANNEL_PROGRESS, f"{text}\n".encode())


def _new_files(repo: Repo, new: ObjectID) -> Iterator[tuple[str, bytes]]:
    """Path and content of each file that a commit brings which no reference reached before."""
    known = [ObjectID(oid) for oid in repo.refs.as_dict().values()]
    tip = repo[new]
    if not isinstance(tip, Commit):
        return
    for entry in repo.get_walker(include=[tip.id], exclude=known, reverse=True):
        for change in entry.changes():
            for one in change if isinstance(change, list) else [change]:
                file = one.new if one else None
                if file and file.path and file.sha and file.sha in repo.object_store:
                    blob = repo[file.sha]
                    if isinstance(blob, Blob):
                        yield file.path.decode("utf-8", "replace"), blob.data


def _readme(repo: Repo, new: ObjectID) -> bytes | None:
    entry = repository.find(repo, repository.resolve(repo, new.decode()), "README.md")
    return repository.content(repo, entry.oid) if entry and not entry.folder else None
