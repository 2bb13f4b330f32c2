"""Which files of a commit no checkout can hold: git refuses them with `receive.fsckObjects`, or a file system does."""

from __future__ import annotations

import stat
from collections.abc import Collection, Iterator

from dulwich.errors import NotBlobError, NotTreeError, ObjectFormatException
from dulwich.objects import ObjectID, Tree, TreeEntry, parse_tree
from dulwich.repo import Repo

from deploy.localhub.git import repository

LONGEST_NAME, LONGEST_PATH = 255, 4095
"""Bytes (NAME_MAX, and PATH_MAX without its end, of Linux)."""
DEEPEST = 200
"""Folders in one another: what writes, packs and removes a checkout goes down by recursion."""
_SHOWN = 120


def of_paths(paths: Collection[str]) -> Iterator[str]:
    """Each of these new files that cannot be one, with the reason behind a colon."""
    folders = folders_of(paths)
    for path in paths:
        why = _of_path(path.encode()) or ("it would be a file and a folder" if path in folders else None)
        if why:
            yield _told(path.encode(), why)


def of_tree(repo: Repo, oid: ObjectID, prefix: bytes = b"") -> Iterator[str]:
    """The same of all that lies in a tree."""
    try:
        listing = _tree(repo, oid)
    except (KeyError, NotTreeError):
        yield _told(prefix, "its list of files is missing")
        return
    except (ObjectFormatException, ValueError) as error:
        yield _told(prefix, str(error))
        return
    for item in listing.iteritems():
        path = prefix + (item.path or b"")
        if why := _of_path(path) or _of_content(repo, item):
            yield _told(path, why)
        elif stat.S_ISDIR(item.mode or 0) and item.sha:
            yield from of_tree(repo, item.sha, path + b"/")


def folders_of(paths: Collection[str]) -> set[str]:
    """The folders that files of these paths need."""
    return {path[:end] for path in paths for end in range(len(path)) if path[end] == "/"}


def _tree(repo: Repo, oid: ObjectID) -> Tree:
    """Raises KeyError, NotTreeError, and ObjectFormatException for `..`, `.git`, slashes, and a name given twice."""
    tree = repo[oid]
    if not isinstance(tree, Tree):
        raise NotTreeError(oid)
    tree.check()
    names = [name for name, _mode, _oid in parse_tree(tree.as_raw_string(), sha_len=20)]
    # A file may stand far from a folder of its name, and `check` compares neighbours.
    if len(set(names)) < len(names):
        raise ObjectFormatException("a file and a folder of one name")
    return tree


def _of_path(path: bytes) -> str | None:
    *folders, name = path.split(b"/")
    if len(name) > LONGEST_NAME:
        return f"a name has {len(name)} bytes, and {LONGEST_NAME} at most"
    if len(path) > LONGEST_PATH:
        return f"the path has {len(path)} bytes, and {LONGEST_PATH} at most"
    if len(folders) > DEEPEST:
        return f"it lies in {len(folders)} folders, and in {DEEPEST} at most"
    return None


def _of_content(repo: Repo, item: TreeEntry) -> str | None:
    assert item.mode is not None
    assert item.sha is not None
    if not (stat.S_ISREG(item.mode) or stat.S_ISLNK(item.mode)):
        return None
    try:
        content = repository.content(repo, item.sha.decode())
    except (KeyError, NotBlobError):
        return "its content is missing"
    if stat.S_ISLNK(item.mode) and (not content or b"\0" in content or len(content) > LONGEST_PATH):
        return "it is a symbolic link whose target is no path"
    return None


def _told(path: bytes, why: str) -> str:
    shown = path.decode("utf-8", "replace") or "/"
    return f"{shown if len(shown) <= _SHOWN else shown[:_SHOWN] + '…'}: {why}"
