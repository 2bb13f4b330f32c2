"""One bare git repository of a Space: opening it, revisions, and what a commit holds."""

from __future__ import annotations

import stat
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from dulwich.errors import NotBlobError, NotTreeError
from dulwich.object_store import tree_lookup_path
from dulwich.objects import Blob, Commit, ObjectID, ShaFile, SubmoduleEncountered, Tag, Tree
from dulwich.refs import Ref
from dulwich.repo import Repo

from deploy import lfs
from deploy.localhub import answers
from deploy.localhub.git import locks

MAIN = Ref(b"refs/heads/main")


@dataclass(frozen=True, kw_only=True)
class PathInfo:
    """A file or folder at a commit. `size` is in bytes, of the content and not of an LFS pointer; 0 for folders."""

    path: str
    oid: str
    folder: bool
    mode: int
    size: int
    lfs: lfs.Pointer | None = None


class Repository:
    """Reads open the repository afresh and need no lock; whoever writes does it in `writing`.

    The server is the only writer, so a lock in its process makes read-check-write atomic.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.lock = threading.RLock()

    @contextmanager
    def open(self) -> Iterator[Repo]:
        repo = Repo(str(self.path))
        try:
            yield repo
        finally:
            repo.close()

    @contextmanager
    def writing(self) -> Iterator[Repo]:
        """The repository for this writer alone, and none of git's locks in it.

        Raises Refusal (503) when a process other than the server holds one.
        """
        with self.lock:
            if held := locks.clear(self.path):
                raise answers.Refusal(503, held)
            with self.open() as repo:
                yield repo

    def create(self) -> None:
        """An empty repository whose HEAD is `main`."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        Repo.init_bare(str(self.path), mkdir=True, default_branch=b"main").close()


def resolve(repo: Repo, revision: str) -> Commit:
    """The commit of a branch, a tag, a full reference or an object id (7 digits at least).

    Raises Refusal (404, RevisionNotFound).
    """
    for name in _reference_names(revision):
        found = repo.refs.read_ref(name) if name.startswith(b"refs/") else None
        if found is not None:
            return _peel(repo, ObjectID(found), revision)
    return _peel(repo, _object_id(repo, revision), revision)


def head(repo: Repo, ref: Ref = MAIN) -> Commit | None:
    """The commit a branch points to."""
    found = repo.refs.read_ref(ref)
    return _peel(repo, ObjectID(found), ref.decode()) if found else None


def tree_of(repo: Repo, commit: Commit) -> Tree:
    tree = repo[commit.tree]
    assert isinstance(tree, Tree)
    return tree


def find(repo: Repo, commit: Commit, path: str) -> PathInfo | None:
    """The file or folder at `path`, or None."""
    if not path:
        return PathInfo(path="", oid=commit.tree.decode(), folder=True, mode=stat.S_IFDIR, size=0)
    try:
        mode, oid = tree_lookup_path(repo.__getitem__, commit.tree, path.encode())
    except (KeyError, NotTreeError, SubmoduleEncountered):
        return None
    return _path_info(repo, path, mode, oid)


def index(repo: Repo, commit: Commit | None) -> Mapping[str, PathInfo]:
    """Every file and folder of a commit by its path: for many questions at once. Nothing for no commit."""
    return _indexed(_Reader(repo), commit.tree) if commit else {}


def walk(repo: Repo, tree: ObjectID, prefix: str = "", *, recursive: bool) -> Iterator[PathInfo]:
    """What lies in a tree, a folder before its content, in the order git keeps."""
    listing = repo[tree]
    assert isinstance(listing, Tree)
    for item in listing.iteritems():
        assert item.path is not None
        assert item.mode is not None
        assert item.sha is not None
        entry = _path_info(repo, prefix + item.path.decode("utf-8", "replace"), item.mode, item.sha)
        yield entry
        if recursive and entry.folder:
            yield from walk(repo, item.sha, f"{entry.path}/", recursive=True)


def content(repo: Repo, oid: str) -> bytes:
    """A blob as git holds it: for a large file, its pointer. Raises KeyError or NotBlobError for what is none."""
    blob = repo[ObjectID(oid.encode())]
    if not isinstance(blob, Blob):
        raise NotBlobError(oid.encode())
    return blob.data


def _path_info(repo: Repo, path: str, mode: int, oid: ObjectID) -> PathInfo:
    name = oid.decode()
    if stat.S_ISDIR(mode):
        return PathInfo(path=path, oid=name, folder=True, mode=mode, size=0)
    if not (stat.S_ISREG(mode) or stat.S_ISLNK(mode)):
        return PathInfo(path=path, oid=name, folder=False, mode=mode, size=0)
    size, pointer = _facts(_Reader(repo), name)
    return PathInfo(path=path, oid=name, folder=False, mode=mode, size=pointer.size if pointer else size, lfs=pointer)


class _Reader:
    """Hands a repository to the cache below without being part of its key: equal ids hold equal bytes anywhere."""

    def __init__(self, repo: Repo) -> None:
        self.repo = repo

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Reader)

    def __hash__(self) -> int:
        return 0


@lru_cache(maxsize=50_000)
def _facts(reader: _Reader, oid: str) -> tuple[int, lfs.Pointer | None]:
    data = content(reader.repo, oid)
    return len(data), lfs.parse(data)


@lru_cache(maxsize=8)
def _indexed(reader: _Reader, tree: ObjectID) -> Mapping[str, PathInfo]:
    return {entry.path: entry for entry in walk(reader.repo, tree, recursive=True)}


def _reference_names(revision: str) -> tuple[Ref, ...]:
    name = revision.encode()
    return Ref(b"refs/heads/" + name), Ref(b"refs/tags/" + name), Ref(name)


def _object_id(repo: Repo, revision: str) -> ObjectID:
    digits = revision.lower()
    if not 7 <= len(digits) <= 40 or set(digits) - set("0123456789abcdef"):
        raise answers.revision_missing(revision)
    if len(digits) == 40:
        return ObjectID(digits.encode())
    matching = list(repo.object_store.iter_prefix(digits.encode()))
    if len(matching) != 1:
        raise answers.revision_missing(revision)
    return matching[0]


def _peel(repo: Repo, oid: ObjectID, revision: str) -> Commit:
    try:
        found: ShaFile = repo[oid]
        while isinstance(found, Tag):
            found = repo[found.object[1]]
    except KeyError:
        raise answers.revision_missing(revision) from None
    if not isinstance(found, Commit):
        raise answers.revision_missing(revision)
    return found
