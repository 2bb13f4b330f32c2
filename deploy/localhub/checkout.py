"""A commit as a folder of files, large ones with their content."""

from __future__ import annotations

import os
import stat
import tempfile
from pathlib import Path

from dulwich.objects import Commit
from dulwich.repo import Repo

from deploy.localhub import repository
from deploy.localhub.large_files import LargeFiles
from deploy.localhub.repository import Entry


def check_out(repo: Repo, commit: Commit, large_files: LargeFiles, *, below: Path) -> Path:
    """Write the commit's tree into a new folder under `below` and give that folder.

    Large files whose content was never uploaded stay pointers, as in a clone without git-lfs.
    """
    below.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(dir=below, prefix=f"{commit.id.decode()[:12]}-"))
    for entry in repository.walk(repo, commit.tree, recursive=True):
        target = folder / entry.path
        if entry.folder:
            target.mkdir(exist_ok=True)
        elif stat.S_ISLNK(entry.mode):
            target.symlink_to(os.fsdecode(repository.content(repo, entry.oid)))
        elif stat.S_ISREG(entry.mode):
            _write(repo, entry, target, large_files)
    return folder


def _write(repo: Repo, entry: Entry, target: Path, large_files: LargeFiles) -> None:
    if entry.lfs and large_files.has(entry.lfs):
        large_files.copy(entry.lfs, target)
    else:
        target.write_bytes(repository.content(repo, entry.oid))
    target.chmod(0o755 if entry.mode & 0o111 else 0o644)
