"""The files that are shipped, and the revision that names their content."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from deploy.errors import SourceError
from deploy.revision import REVISION_FILE
from deploy.source.listing import list_source, require_checked_out
from deploy.source.objects import Entries, blob_oid, root_entries, tree_oid


@dataclass(frozen=True, kw_only=True)
class SourceFile:
    """One shipped file: posix path below the source, size in bytes, git blob id, where its content lies."""

    path: str
    size: int
    oid: str
    executable: bool
    absolute: Path

    def read(self) -> bytes:
        """The content as it was when the tree was read; SourceError when it changed since."""
        content = _content(self.path, self.absolute)
        if blob_oid(content) != self.oid:
            raise SourceError(f"{self.path} changed while it was being shipped.", next_step="run the command again")
        return content


@dataclass(frozen=True)
class Tree:
    """The shipped files sorted by path, without `REVISION`; `withheld` are `.env` files that stay here."""

    files: tuple[SourceFile, ...]
    withheld: tuple[str, ...] = ()

    @cached_property
    def by_path(self) -> Mapping[str, SourceFile]:
        return {file.path: file for file in self.files}

    @cached_property
    def entries(self) -> Entries:
        """The root listing that `revision` is the hash of: name -> ("file" | "directory", object id)."""
        return root_entries({file.path: file.oid for file in self.files})

    @cached_property
    def revision(self) -> str:
        """Equal content, equal revision: the git tree id of the files, 40 hex digits."""
        return tree_oid(self.entries)

    @property
    def revision_text(self) -> str:
        """What the file `REVISION` holds on the Space."""
        return f"{self.revision}\n"


def read_tree(folder: Path, *, env: Mapping[str, str] = os.environ) -> Tree:
    """The shipped part of `folder`: below a git checkout what git would take, elsewhere every file.

    Raises SourceError when there is nothing to ship, a checkout lacks files of it, a link leads out, or git does
    not answer.
    """
    root = folder.resolve()
    if not root.is_dir():
        require_checked_out(root, env=env)
        raise SourceError(f"There is no folder {folder}.", next_step="set source.path in deploy.toml")
    listing = list_source(root, env=env)
    files = (_file(path, place) for path, place in sorted(listing.files.items()) if path != REVISION_FILE)
    tree = Tree(files=tuple(files), withheld=listing.withheld)
    if not tree.files:
        require_checked_out(root, env=env)
        raise SourceError(
            f"There is nothing to ship in {folder}.",
            cause="the folder is empty, or git ignores all of it",
            next_step=f"git -C {folder} status --ignored",
        )
    return tree


def stage(tree: Tree, into: Path) -> None:
    """Write the files as the Hub would check them out (mode 0644) plus `REVISION`, into an empty folder.

    Raises SourceError when a file changed since the tree was read.
    """
    into.mkdir(parents=True, exist_ok=True)
    if any(into.iterdir()):
        raise SourceError(f"{into} is not empty.", cause="stale files in it would be shipped too")
    for file in tree.files:
        _write(into / file.path, file.read())
    _write(into / REVISION_FILE, tree.revision_text.encode())


def _file(path: str, place: Path) -> SourceFile:
    content = _content(path, place)
    executable = bool(place.stat().st_mode & 0o111)
    return SourceFile(path=path, size=len(content), oid=blob_oid(content), executable=executable, absolute=place)


def _content(path: str, place: Path) -> bytes:
    try:
        return place.read_bytes()
    except OSError as error:
        raise SourceError(f"{path} cannot be read: {error.strerror}.", next_step=f"ls -l {place}") from error


def _write(place: Path, content: bytes) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(content)
    place.chmod(0o644)
