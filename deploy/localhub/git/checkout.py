"""A commit as a folder of files, large ones with their content."""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
from pathlib import Path

from dulwich.objects import Commit, ObjectID, Tree
from dulwich.repo import Repo

from deploy import lfs
from deploy.localhub.git import fsck, repository
from deploy.localhub.git.large_files import LargeFiles


class CannotCheckOut(Exception):
    """The message says which file cannot be one, and why."""


def check_out(repo: Repo, commit: Commit, large_files: LargeFiles, *, below: Path) -> Path:
    """Write the commit's tree into a new folder under `below` and give that folder.

    Large files whose content was never uploaded stay pointers, as in a clone without git-lfs.
    Raises CannotCheckOut, and nothing is left then.
    """
    for problem in fsck.of_tree(repo, commit.tree):
        raise CannotCheckOut(problem)
    below.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(dir=below, prefix=f"{commit.id.decode()[:12]}-"))
    try:
        _write_tree(repo, commit.tree, folder, large_files)
    except OSError as error:
        shutil.rmtree(folder, ignore_errors=True)
        name = error.filename2 or error.filename
        told = f"{os.path.relpath(name, folder)}: " if name else ""
        raise CannotCheckOut(f"{told}{error.strerror}") from error
    return folder


def _write_tree(repo: Repo, oid: ObjectID, folder: Path, large_files: LargeFiles) -> None:
    tree = repo[oid]
    assert isinstance(tree, Tree)
    for item in tree.iteritems():
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
