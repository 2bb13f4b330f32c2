"""The releases of a Space are read from its own commits, and the good ones from its tags."""

from __future__ import annotations

import pytest

from deploy.space.history import good_tag, history, last_good, mark_good
from deploy.space.publish import Release
from tests.unit.space.memory_hub import MemoryHub


@pytest.fixture
def hub() -> MemoryHub:
    return MemoryHub()


def released(hub: MemoryHub, revision: str, *, good: bool = True) -> str:
    release = Release(deploy=f"deploy-of-{len(hub.history)}", revision=revision, source="5" * 40)
    commit = hub.land({"REVISION": revision.encode()}, title=release.title, message=release.message)
    if good:
        mark_good(hub.client, commit)
    return commit


def good_before(hub: MemoryHub, commit: str) -> str | None:
    found = last_good(history(hub.client), before=commit)
    return found.commit if found else None


def test_history_is_newest_first_with_what_each_commit_says_of_itself(hub: MemoryHub) -> None:
    by_hand = hub.land({"a": b"1"}, title="Edit on the Hub")
    good, bad = released(hub, "r1"), released(hub, "r2", good=False)
    past = history(hub.client)
    assert [(each.commit, each.good) for each in past] == [(bad, False), (good, True), (by_hand, False)]
    assert [each.release.revision if each.release else None for each in past] == ["r2", "r1", None]
    assert past[2].title == "Edit on the Hub"
    assert hub.asked[-2:] == ["refs", "commits"]


def test_a_good_commit_is_marked_by_a_tag_of_its_own(hub: MemoryHub) -> None:
    commit = released(hub, "r1")
    mark_good(hub.client, commit)
    assert hub.tags == {good_tag(commit): commit}
    assert good_tag(commit) == f"good-{commit[:12]}"


def test_the_last_good_release_is_the_newest_verified_one_before(hub: MemoryHub) -> None:
    first, second = released(hub, "r1"), released(hub, "r2")
    head = released(hub, "r3", good=False)
    assert good_before(hub, head) == second
    assert good_before(hub, second) == first


def test_releases_that_were_never_verified_are_passed_over(hub: MemoryHub) -> None:
    good = released(hub, "r1")
    released(hub, "r2", good=False)
    hub.land({"a": b"by hand"})
    assert good_before(hub, released(hub, "r3", good=False)) == good


def test_a_release_of_the_same_content_is_no_way_back(hub: MemoryHub) -> None:
    first = released(hub, "r1")
    released(hub, "r2")
    assert good_before(hub, released(hub, "r2", good=False)) == first


def test_from_a_commit_by_hand_the_newest_good_release_is_the_way_back(hub: MemoryHub) -> None:
    good = released(hub, "r1")
    assert good_before(hub, hub.land({"a": b"by hand"})) == good


def test_without_a_good_release_there_is_no_way_back(hub: MemoryHub) -> None:
    hub.land({"a": b"1"})
    assert good_before(hub, released(hub, "r1", good=False)) is None
    only = released(hub, "r2")
    assert good_before(hub, only) is None


def test_a_commit_is_no_way_back_from_itself(hub: MemoryHub) -> None:
    """A commit by hand is good too once settings alone were verified on it."""
    by_hand = hub.land({"a": b"1"})
    mark_good(hub.client, by_hand)
    assert good_before(hub, by_hand) is None
