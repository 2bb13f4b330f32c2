"""A copy of the source as it is when a command begins, so that later edits reach neither rehearsal nor Space."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from deploy.config import Config, Target
from deploy.console import Console
from deploy.pipeline.provenance import require_committed, source_sha
from deploy.source.tree import Tree, read_tree, stage
from deploy.wording import counted


@dataclass(frozen=True, kw_only=True)
class Staged:
    """The tree, the folder it was copied to, and the commit it comes from."""

    tree: Tree
    folder: Path
    source_sha: str


@contextmanager
def staged_source(config: Config, target: Target, console: Console) -> Iterator[Staged]:
    """The copy, for as long as the block lasts. Raises SourceError, DirtyTree."""
    with tempfile.TemporaryDirectory(prefix="spacewright-") as name:
        with console.step("source") as step:
            sha = source_sha(config.root)
            require_committed(target, config.root, sha)
            tree = read_tree(config.source.path)
            stage(tree, Path(name))
            step.note(f"revision {tree.revision[:12]}, {counted(len(tree.files), 'file')}, from {sha[:12]}")
        yield Staged(tree=tree, folder=Path(name), source_sha=sha)
