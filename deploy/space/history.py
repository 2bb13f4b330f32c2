"""The releases of a Space, read from its own commits and tags."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from deploy.space.client import HubClient
from deploy.space.model import CommitRecord, Refs
from deploy.space.publish import Release

_GOOD = "good-"


@dataclass(frozen=True, kw_only=True)
class PastRelease:
    """One commit of `main`: `release` is None when no deploy made it, `good` when it was verified in place."""

    commit: str
    date: datetime
    title: str
    authors: tuple[str, ...]
    release: Release | None
    good: bool


def good_tag(commit: str) -> str:
    return f"{_GOOD}{commit[:12]}"


def is_good(client: HubClient, commit: str) -> bool:
    """Whether it was recorded as a good release."""
    return good_tag(commit) in client.refs().tags


def mark_good(client: HubClient, commit: str) -> None:
    """Tag a commit that was seen to serve and pass its checks, so that a rollback finds it."""
    client.create_tag(good_tag(commit), commit, message="verified by spacewright")


def history(client: HubClient) -> tuple[PastRelease, ...]:
    """Newest first; 2 requests and one more for each further page of commits."""
    refs = client.refs()
    return tuple(_past(commit, refs) for commit in client.commits())


def last_good(releases: tuple[PastRelease, ...], *, before: str) -> PastRelease | None:
    """The newest verified release other than `before`, and of other content than it."""
    current = next((past for past in releases if past.commit == before), None)
    revision = current.release.revision if current and current.release else None
    for past in releases:
        same = past.commit == before or (past.release is not None and past.release.revision == revision)
        if past.good and not same:
            return past
    return None


def _past(commit: CommitRecord, refs: Refs) -> PastRelease:
    return PastRelease(
        commit=commit.sha,
        date=commit.date,
        title=commit.title,
        authors=commit.authors,
        release=Release.parse(commit.message),
        good=good_tag(commit.sha) in refs.tags,
    )
