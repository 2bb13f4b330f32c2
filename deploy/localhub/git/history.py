"""Commits in the order of time, newest first."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from dulwich.objects import Commit
from dulwich.repo import Repo

from deploy.localhub import clock


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
