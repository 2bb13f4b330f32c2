"""A commit as a folder of files, large ones with their content."""

from __future__ import annotations

import os
import stat
import tempfile
from pathlib import Path

from dulwich.objects import Commit, ObjectID, Tree
from dulwich.repo import Repo

from deploy import lfs
from deploy.localhub import repository
from deploy.localhub.large_files import LargeFiles


def check_out(repo: Repo, commit: Commit, large_files: LargeFiles, *, below: Path) -> Path:
    """Write the commit's tree into a new folder under `below` and give that folder.

    Large files whose content was never uploaded stay pointers, as in a clone without git-lfs.
    Raises ObjectFormatException before a tree whose names would lead elsewhere is written.
    """
    below.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(dir=below, prefix=f"{commit.id.decode()[:12]}-"))
    _write_tree(repo, commit.tree, folder, large_files)
    return folder


def check_names(repo: Repo, oid: ObjectID) -> None:
    """Raises ObjectFormatException for a tree, or one below it, with names that no checkout may have."""
    for item in _tree(repo, oid).iteritems():
        assert item.mode is not None
        assert item.sha is not None
        if stat.S_ISDIR(item.mode):
            check_names(repo, item.sha)


def _write_tree(repo: Repo, oid: ObjectID, folder: Path, large_files: LargeFiles) -> None:
    for item in _tree(repo, oid).iteritems():
        assert item.path is not None
        assert item.mode is not None
        assert item.sha is not None
        target = folder / os.fsdecode(item.path)
        if stat.S_ISDIR(item.mode):
            target.mkdir()
            _write_tree(repo, item.sha, target, large_files)
        elif stat.S_ISLNK(item.mode):
            target.symlink_to(os.fsdecode(repository.content(repo, item.sha.decode())))
        elif stat.S_ISREG(item.mode):
            _write_file(repository.content(repo, item.sha.decode()), target, large_files)
            target.chmod(0o755 if item.mode & 0o111 else 0o644)


def _write_file(data: bytes, target: Path, large_files: LargeFiles) -> None:
    pointer = lfs.parse(data)
    if pointer and large_files.has(pointer):
        large_files.copy(pointer, target)
    else:
        target.write_bytes(data)


def _tree(repo: Repo, oid: ObjectID) -> Tree:
    """`check` refuses `..`, `.git`, slashes and names that stand there twice."""
    tree = repo[oid]
    assert isinstance(tree, Tree)
    tree.check()
    return tree
