"""Commits in the order of time, newest first, and the one that last touched a path."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from dulwich.objects import Commit
from dulwich.repo import Repo

from deploy.localhub import clock
from deploy.localhub.git import repository


def when(commit: Commit) -> datetime:
    return datetime.fromtimestamp(commit.commit_time, UTC)


def title_and_message(commit: Commit) -> tuple[str, str]:
    """The first line of a commit's message, and what stands below it."""
    title, _, rest = commit.message.decode("utf-8", "replace").partition("\n")
    return title, rest.strip("\n")


def page(repo: Repo, commit: Commit, *, start: int, size: int) -> Iterator[Commit]:
    """`size` commits from the `start`th on."""
    for entry in islice(repo.get_walker(include=[commit.id]), start, start + size):
        yield entry.commit


def document(commit: Commit) -> dict[str, Any]:
    """A commit in a listing."""
    title, message = title_and_message(commit)
    author = commit.author.decode("utf-8", "replace").partition(" <")[0]
    return {
        "id": commit.id.decode(),
        "title": title,
        "message": message,
        "authors": [{"user": author}],
        "date": clock.stamp(when(commit)),
    }


def last_touching(repo: Repo, commit: Commit, paths: Sequence[str]) -> dict[str, dict[str, Any]]:
    """For each path what an expanded listing says beside its own facts."""
    found: dict[str, dict[str, Any]] = {}
    open_paths = set(paths)
    for entry in repo.get_walker(include=[commit.id]):
        if not open_paths:
            break
        touched = {path for path in open_paths if _touched(repo, entry.commit, path)}
        found |= {path: _last(entry.commit) for path in touched}
        open_paths -= touched
    return found


def _touched(repo: Repo, commit: Commit, path: str) -> bool:
    now = _oid(repo, commit, path)
    parents = [repo[parent] for parent in commit.parents]
    return now is not None and all(_oid(repo, one, path) != now for one in parents if isinstance(one, Commit))


def _oid(repo: Repo, commit: Commit, path: str) -> str | None:
    entry = repository.find(repo, commit, path)
    return entry.oid if entry else None


def _last(commit: Commit) -> dict[str, Any]:
    title, _ = title_and_message(commit)
    return {"lastCommit": {"id": commit.id.decode(), "title": title, "date": clock.stamp(when(commit))}}
