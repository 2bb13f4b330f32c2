"""Which commit of the project's own repository is being shipped."""

from __future__ import annotations

from pathlib import Path

from deploy.command import Command, run
from deploy.config import Target
from deploy.errors import CommandFailed, DirtyTree

_SHOWN = 10


def source_sha(root: Path) -> str:
    """The commit checked out, with `-dirty` when files differ from it; `none` outside a git checkout."""
    try:
        head = run(Command(argv=("git", "rev-parse", "HEAD"), cwd=root, timeout=30)).output.strip()
    except CommandFailed:
        return "none"
    return f"{head}-dirty" if uncommitted(root) else head


def uncommitted(root: Path) -> tuple[str, ...]:
    """The lines of `git status --porcelain`."""
    status = run(Command(argv=("git", "status", "--porcelain"), cwd=root, timeout=60))
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
