"""source: a copy of what would be shipped, as it is when a command begins, and the commit it comes from.

Later edits reach neither the rehearsal nor the Space.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from deploy.command import Command
from deploy.command import run as run_command
from deploy.config import Config, Target
from deploy.console import Console
from deploy.errors import CommandFailed, DirtyTree
from deploy.pipeline.run import Run
from deploy.source.tree import Tree, read_tree, stage
from deploy.wording import counted

_SHOWN = 10


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


@contextmanager
def shipping(run: Run) -> Iterator[Staged]:
    """The staged source, noted as what this run is about. Raises SourceError, DirtyTree."""
    with staged_source(run.config, run.target, run.console) as source:
        run.revision, run.source_sha = source.tree.revision, source.source_sha
        yield source


def source_sha(root: Path) -> str:
    """The commit checked out, with `-dirty` when files differ from it; `none` outside a git checkout."""
    try:
        head = run_command(Command(argv=("git", "rev-parse", "HEAD"), cwd=root, timeout=30)).output.strip()
    except CommandFailed:
        return "none"
    return f"{head}-dirty" if uncommitted(root) else head


def uncommitted(root: Path) -> tuple[str, ...]:
    """The lines of `git status --porcelain`."""
    status = run_command(Command(argv=("git", "status", "--porcelain"), cwd=root, timeout=60))
    return tuple(line for line in status.output.splitlines() if line)


def require_committed(target: Target, root: Path, sha: str) -> None:
    """A protected target takes committed work only. Raises DirtyTree."""
    if not target.protected or not (sha == "none" or sha.endswith("-dirty")):
        return
    changed = uncommitted(root) if sha != "none" else ()
    raise DirtyTree(
        f"Target {target.name!r} is protected and takes committed work only. Nothing was changed.",
        cause="this is not a git checkout" if sha == "none" else f"{len(changed)} files differ from the last commit",
        next_step="commit or stash them, then run the command again",
        details=changed[:_SHOWN],
    )
