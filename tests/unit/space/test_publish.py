"""One commit lands once, also when the Hub's answer is lost."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from deploy.errors import (
    Conflict,
    DeployError,
    HubBroken,
    HubRefused,
    HubUnreachable,
    NotAllowed,
    RateLimited,
    Unconfirmed,
)
from deploy.space.model import CommitRecord
from deploy.space.operations import Write
from deploy.space.publish import Release, landed, publish
from tests.unit.space.memory_hub import MemoryHub

RELEASE = Release(deploy="this-deploy", revision="1" * 40, source="2" * 40)
CUT = HubUnreachable("cut")
BROKEN = HubBroken("500")


@dataclass
class Publication:
    hub: MemoryHub = field(default_factory=MemoryHub)
    pauses: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.parent = self.hub.land({"a": b"0"})

    def run(self) -> str:
        operations = [Write(path="a", content=b"1")]
        return publish(self.hub.client, operations, RELEASE, self.parent, sleep=self.pauses.append)

    @property
    def sent(self) -> int:
        return self.hub.asked.count("commit")


class SlowHub(MemoryHub):
    """A commit whose answer was lost lands right after it was looked for."""

    def commits(self) -> tuple[CommitRecord, ...]:
        found = super().commits()
        if len(found) == 1:
            self.land({"a": b"1"}, title=RELEASE.title, message=RELEASE.message)
        return found


@pytest.fixture
def publication() -> Publication:
    return Publication()


def landed_by_us(publication: Publication) -> int:
    messages = [snapshot.record.message for snapshot in publication.hub.history]
    return messages.count(RELEASE.message)


def test_a_commit_is_sent_once_with_what_it_says_of_itself(publication: Publication) -> None:
    commit = publication.run()
    assert commit == publication.hub.head
    assert publication.hub.history[0].record.title == RELEASE.title
    assert (publication.sent, landed_by_us(publication), publication.pauses) == (1, 1, [])
    assert publication.hub.asked == ["commit"]


@pytest.mark.parametrize("error", [CUT, BROKEN], ids=["cut", "500"])
def test_a_commit_whose_answer_was_lost_is_found_and_not_sent_again(
    publication: Publication, error: DeployError
) -> None:
    publication.hub.fail("commit", error, lost=True)
    assert publication.run() == publication.hub.head
    assert (publication.sent, landed_by_us(publication)) == (1, 1)


@pytest.mark.parametrize("error", [CUT, BROKEN], ids=["cut", "500"])
def test_a_commit_that_did_not_land_is_sent_again(publication: Publication, error: DeployError) -> None:
    publication.hub.fail("commit", error)
    assert publication.run() == publication.hub.head
    assert (publication.sent, landed_by_us(publication), publication.pauses) == (2, 1, [1.0])


def test_a_commit_that_lands_late_is_not_doubled(publication: Publication) -> None:
    late = Publication(SlowHub())
    late.hub.fail("commit", CUT)
    assert late.run() == late.hub.head
    assert (late.sent, landed_by_us(late)) == (2, 1)


def test_a_hub_that_keeps_failing_ends_it_with_its_own_error(publication: Publication) -> None:
    publication.hub.fail("commit", CUT, BROKEN, BROKEN)
    with pytest.raises(HubBroken):
        publication.run()
    assert (publication.sent, landed_by_us(publication), publication.pauses) == (3, 0, [1.0, 2.0])


def test_somebody_elses_commit_is_a_conflict_and_is_not_overwritten(publication: Publication) -> None:
    theirs = publication.hub.land({"a": b"theirs"})
    with pytest.raises(Conflict):
        publication.run()
    assert (publication.hub.head, publication.sent) == (theirs, 1)


@pytest.mark.parametrize("error", [CUT, BROKEN, Conflict("412")], ids=["cut", "500", "412"])
def test_when_it_cannot_be_looked_for_it_is_unconfirmed(publication: Publication, error: DeployError) -> None:
    publication.hub.fail("commit", error)
    publication.hub.fail("commits", CUT)
    with pytest.raises(Unconfirmed) as caught:
        publication.run()
    assert caught.value.cause == error.what
    assert publication.sent == 1


@pytest.mark.parametrize("error", [HubRefused("422"), NotAllowed("403"), RateLimited("429"), KeyboardInterrupt()])
def test_a_refusal_is_not_sent_again(publication: Publication, error: BaseException) -> None:
    publication.hub.fail("commit", error)
    with pytest.raises(type(error)):
        publication.run()
    assert publication.hub.asked == ["commit"]


def test_a_commit_of_another_deploy_is_not_taken_for_this_one(publication: Publication) -> None:
    other = Release(deploy="another-deploy", revision=RELEASE.revision, source=RELEASE.source)
    commit = publication.hub.land({"a": b"1"}, message=other.message)
    assert landed(publication.hub.client, "this-deploy") is None
    assert landed(publication.hub.client, "another-deploy") == commit
