"""The commit that last touched each of some paths."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dulwich.objects import Commit
from dulwich.repo import Repo

from deploy.localhub import clock
from deploy.localhub.git import history, repository


def find(repo: Repo, commit: Commit, paths: Sequence[str]) -> dict[str, dict[str, Any]]:
    """For each path what an expanded listing says beside its own facts."""
    found: dict[str, dict[str, Any]] = {}
    open_paths = set(paths)
    for entry in repo.get_walker(include=[commit.id]):
        if not open_paths:
            break
        touched = {path for path in open_paths if _touched(repo, entry.commit, path)}
        found |= {path: _document(entry.commit) for path in touched}
        open_paths -= touched
    return found


def _touched(repo: Repo, commit: Commit, path: str) -> bool:
    now = _oid(repo, commit, path)
    parents = [repo[parent] for parent in commit.parents]
    return now is not None and all(_oid(repo, one, path) != now for one in parents if isinstance(one, Commit))


def _oid(repo: Repo, commit: Commit, path: str) -> str | None:
    entry = repository.find(repo, commit, path)
    return entry.oid if entry else None


def _document(commit: Commit) -> dict[str, Any]:
    title, _ = history.title_and_message(commit)
    return {"lastCommit": {"id": commit.id.decode(), "title": title, "date": clock.stamp(history.when(commit))}}
