"""Names that branches and tags can have: git keeps each as a file, its lock beside it."""

from __future__ import annotations

from dulwich.refs import Ref
from dulwich.repo import Repo

from deploy.localhub.git.fsck import LONGEST_NAME


def obstacle(repo: Repo, ref: Ref) -> str | None:
    """Why there can be no reference of that name beside those there are; None when it can be made or moved."""
    if max(map(len, ref.split(b"/"))) + len(".lock") > LONGEST_NAME:
        return "a name this long cannot be a file"
    clash = next((other for other in repo.refs.allkeys() if _below(other, ref) or _below(ref, other)), None)
    return f"{clash.decode()} stands in its way" if clash else None


def _below(one: Ref, other: Ref) -> bool:
    return one.startswith(other + b"/")
