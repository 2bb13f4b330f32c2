"""Writing one commit: the changes it asks for on top of a branch, all or nothing."""

from __future__ import annotations

from collections.abc import Collection, Container, Iterator, Mapping, Sequence
from datetime import datetime

from dulwich.object_store import MemoryObjectStore, OverlayObjectStore, commit_tree_changes
from dulwich.objects import Blob, Commit, ObjectID, ShaFile, Tree
from dulwich.refs import Ref
from dulwich.repo import Repo

from deploy.localhub import answers
from deploy.localhub.answers import Refusal
from deploy.localhub.git import fsck, repository
from deploy.localhub.git.operations import CommitRequest
from deploy.localhub.git.repository import PathInfo

STALE_PARENT = "The branch was updated since you opened this page. Please refresh and try again."
_FILE, _EXECUTABLE = 0o100644, 0o100755
_LOOSE_UP_TO = 50
"""Objects; more are written as one pack, which for thousands of files is a matter of milliseconds."""

_Change = tuple[bytes, int | None, ObjectID | None]


def commit(repo: Repo, ref: Ref, request: CommitRequest, *, author: str, at: datetime, parent: Commit | None) -> Commit:
    """Write the objects of `request` on top of `parent` and move `ref` there.

    The caller holds the repository's lock. Raises Refusal: 404 for a deletion of what is not there,
    412 when the branch has moved.
    """
    tree = repository.tree_of(repo, parent) if parent else Tree()
    blobs = {path: Blob.from_string(data) for path, data in request.regular.items()}
    blobs |= {path: Blob.from_string(pointer.data) for path, pointer in request.large.items()}
    before = repository.index(repo, parent)
    doomed = dict.fromkeys([*_deletions(before, request), *_obstacles(before, blobs)])
    changes: list[_Change] = [(path.encode(), None, None) for path in doomed if not _lies_below(path, doomed)]
    changes += [(path.encode(), _mode(before.get(path)), blob.id) for path, blob in blobs.items()]
    fresh = MemoryObjectStore()
    root = commit_tree_changes(OverlayObjectStore([fresh, repo.object_store], fresh), tree, changes)
    made = _commit_object(root, parent, request.message, author=author, at=at)
    store(repo, [*blobs.values(), *(fresh[oid] for oid in fresh), made])
    move(repo, ref, made, expected=parent)
    return made


def check_parent(named: str | None, current: Commit | None) -> None:
    """Raises Refusal (412) unless `named`, a full or shortened id, is what the branch points to."""
    if named and (current is None or not current.id.decode().startswith(named.lower())):
        raise Refusal(412, STALE_PARENT)


def store(repo: Repo, objects: Sequence[ShaFile]) -> None:
    if len(objects) > _LOOSE_UP_TO:
        repo.object_store.add_objects([(one, None) for one in {one.id: one for one in objects}.values()])
    else:
        for one in objects:
            repo.object_store.add_object(one)


def move(repo: Repo, ref: Ref, to: Commit, *, expected: Commit | None) -> None:
    """Point a branch at a commit if it is still where it was. Raises Refusal (412)."""
    moved = (
        repo.refs.set_if_equals(ref, expected.id, to.id) if expected is not None else repo.refs.add_if_new(ref, to.id)
    )
    if not moved:
        raise Refusal(412, STALE_PARENT)


def parentless(tree: ObjectID, message: str, *, author: str, at: datetime) -> Commit:
    """A commit of a tree that is the first of its history."""
    return _commit_object(tree, None, message, author=author, at=at)


def person(name: str) -> bytes:
    """Who made a commit or a tag, in git's form."""
    return f"{name} <{name.strip('[]')}@users.noreply.localhub>".encode()


def _commit_object(root: ObjectID, parent: Commit | None, message: str, *, author: str, at: datetime) -> Commit:
    made = Commit()
    made.tree = root
    made.parents = [parent.id] if parent else []
    made.author = made.committer = person(author)
    made.author_time = made.commit_time = int(at.timestamp())
    made.author_timezone = made.commit_timezone = 0
    made.encoding = b"UTF-8"
    made.message = message.encode("utf-8", "replace")
    return made


def _deletions(before: Mapping[str, PathInfo], request: CommitRequest) -> Iterator[str]:
    wanted = [*((path, True) for path in request.deleted_folders), *((path, False) for path in request.deleted_files)]
    for path, folder in wanted:
        entry = before.get(path)
        if entry is None or entry.folder != folder:
            kind = "folder" if folder else "file"
            raise answers.entry_missing(f"A {kind} with this name doesn't exist: {path}")
        yield path


def _obstacles(before: Mapping[str, PathInfo], blobs: Collection[str]) -> Iterator[str]:
    """Files that stand where a new file needs a folder."""
    for folder in sorted(fsck.folders_of(blobs)):
        entry = before.get(folder)
        if entry and not entry.folder:
            yield folder


def _mode(before: PathInfo | None) -> int:
    """An executable file stays one: the API carries no modes."""
    return _EXECUTABLE if before and before.mode == _EXECUTABLE else _FILE


def _lies_below(path: str, others: Container[str]) -> bool:
    return any(path[:end] in others for end in range(len(path)) if path[end] == "/")
