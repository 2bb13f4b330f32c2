"""A release is done when it is seen to serve."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from deploy.errors import Conflict, HubBroken, HubRefused, HubUnreachable, LeaseHeld, Unconfirmed
from deploy.secret import Secret
from deploy.space.history import good_tag, history
from deploy.space.lease import BRANCH, break_lease
from deploy.space.model import Refs, Runtime
from deploy.space.publish import Release
from tests.unit.pipeline.builders import TOML, Story
from tests.unit.space.memory_hub import MemoryHub

CUT = HubUnreachable("cut")


# It serves -----------------------------------------------------------------------------------------------


def test_a_first_release_creates_the_space_and_is_marked_as_good(story: Story) -> None:
    run = story.ship("r1", {"LEVEL": "info"}, {"KEY": "v"})
    assert run.verdict == "deployed"
    assert (story.serving, run.serving, run.url) == ("r1", "r1", story.hub.host)
    assert (story.hub.values, set(story.hub.stored_secrets)) == ({"LEVEL": "info"}, {"KEY"})
    assert story.hub.tags == {good_tag(run.commit): run.commit}
    assert BRANCH not in story.hub.branches
    assert story.hub.writes[0] == "create"


def test_a_release_says_of_itself_what_it_is(story: Story) -> None:
    run = story.ship("r1", {"LEVEL": "info"})
    assert history(story.hub.client)[0].release == Release(
        deploy=run.deploy, revision="r1", source="5" * 40, variables={"LEVEL": "info"}
    )


def test_the_order_is_lease_settings_commit_removal_and_record(story: Story) -> None:
    story.ship("r1", {"OLD": "1"}, {"OLD_KEY": "v"})
    story.hub.asked.clear()
    run = story.ship("r2", {"NEW": "1"}, {"NEW_KEY": "v"})
    assert story.hub.writes == [
        "create_branch",
        "create_tag",
        "set_variable",
        "set_secret",
        "commit",
        "delete_variable",
        "delete_secret",
        "create_tag",
        "delete_tag",
        "delete_branch",
    ]
    steps = [step.name for step in run.console.steps[-9:]]
    assert steps == ["lease", "settings", "commit", "wait", "verify", "remove", "wait", "verify", "record"]
    assert (story.hub.values, set(story.hub.stored_secrets)) == ({"NEW": "1"}, {"NEW_KEY"})


def test_settings_alone_are_no_commit_and_their_restart_is_waited_for(story: Story) -> None:
    head = story.ship("r1", {"A": "1"}).commit
    running = Runtime(stage="RUNNING", sha=head, hardware="cpu-basic")
    story.hub.asked.clear()
    story.hub.stages = [running, running, running, Runtime(stage="APP_STARTING"), running]
    run = story.ship("r1", {"A": "2"})
    assert (run.verdict, run.commit) == ("deployed", head)
    assert "commit" not in story.hub.asked
    assert len(story.hub.stages) == 1


def test_a_private_spaces_app_is_asked_with_the_token(story: Story) -> None:
    story.ship("r1")
    story.toml = TOML + 'visibility = "private"\n'
    story.ship("r2")
    assert story.visited == [(story.hub.host, None), (story.hub.host, Secret("hf_viewer"))]


def test_what_serves_is_said_to_serve_also_when_a_removal_fails(story: Story) -> None:
    story.ship("r1", {"OLD": "1"})
    story.hub.fail("delete_variable", CUT)
    run = story.run()
    with pytest.raises(HubUnreachable, match="serves the new release, and what is no longer declared"):
        story.ship("r2", run=run)
    assert (run.verdict, story.serving, story.hub.values) == ("deployed", "r2", {"OLD": "1"})
    assert BRANCH not in story.hub.branches


def test_what_serves_and_cannot_be_marked_is_deployed_all_the_same(story: Story) -> None:
    story.hub.fail("create_tag", None, CUT)
    run = story.ship("r1")
    assert run.verdict == "deployed"
    assert (run.console.steps[-1].outcome, run.console.steps[-1].note) == (
        "failed",
        f"{run.commit[:12]} serves, and could not be marked as a good release: cut",
    )


# It is not known -----------------------------------------------------------------------------------------


def test_a_hub_that_falls_silent_leaves_it_unconfirmed(story: Story) -> None:
    story.ship("r1")
    story.hub.fail("runtime", CUT)
    run = story.run()
    with pytest.raises(Unconfirmed) as caught:
        story.ship("r2", run=run)
    assert (run.verdict, run.rolled_back, story.serving) == ("unconfirmed", False, "r2")
    assert f"Commit {story.hub.head[:12]} is on owner/tasks" in caught.value.what
    assert caught.value.cause == "cut"
    assert "invoke rollback --to staging" in str(caught.value.next_step)
    assert BRANCH not in story.hub.branches


def test_a_build_that_does_not_end_leaves_it_unconfirmed(story: Story) -> None:
    story.ship("r1")
    story.hub.builds = [["BUILDING"]]
    with pytest.raises(Unconfirmed) as caught:
        story.ship("r2")
    assert caught.value.cause == "the Hub still says BUILDING after 600 s"


def test_the_old_commit_running_is_never_taken_for_the_new_one(story: Story) -> None:
    old = story.ship("r1").commit
    story.hub.builds = [[Runtime(stage="RUNNING", sha=old)]]
    run = story.run()
    with pytest.raises(Unconfirmed):
        story.ship("r2", run=run)
    assert run.verdict == "unconfirmed"


# It never began ------------------------------------------------------------------------------------------


def test_a_space_that_somebody_changed_meanwhile_is_left_alone(story: Story) -> None:
    story.ship("r1")
    run = story.run()
    story.hub.asked.clear()
    with pytest.raises(Conflict, match=r"changed while this deploy was rehearsed\. Nothing was written"):
        story.ship("r2", {"A": "1"}, run=run, meanwhile=lambda: story.hub.land({"a": b"theirs"}, title="theirs"))
    assert story.hub.writes == ["create_branch", "create_tag", "delete_tag", "delete_branch"]
    assert not run.journal


def test_a_space_that_somebody_holds_is_left_alone(story: Story) -> None:
    story.ship("r1")
    tag = "spacewright-lease_20261122T195900Z_20261122T235900Z_bob_0badcafe"
    story.hub.branches[BRANCH] = story.hub.tags[tag] = story.hub.head
    run = story.run()
    with pytest.raises(LeaseHeld, match="by bob"):
        story.ship("r2", {"A": "1"}, run=run)
    assert (story.serving, story.hub.values, bool(run.journal)) == ("r1", {}, False)


@dataclass
class Robbed(MemoryHub):
    """Somebody clears the lease, and takes it, once the call was made `after` which it is looked at again."""

    after: str = ""
    written: int = 0

    def refs(self) -> Refs:
        if self.asked[-1] == self.after:
            self.after = ""
            break_lease(self.client)
            self.branches[BRANCH] = self.tags[BOBS] = self.head
            self.written = len(self.writes)
        return super().refs()


BOBS = "spacewright-lease_20261122T195900Z_20261122T235900Z_bob_0badcafe"
LAST = {"settings": "info", "commit": "set_variable", "record": "runtime"}
"""What is about to be written, and the call before the look."""


@pytest.mark.parametrize("after", LAST.values(), ids=LAST.keys())
def test_who_lost_the_lease_writes_nothing_more(story: Story, after: str) -> None:
    story.hub = hub = Robbed()
    good = story.ship("r1", {"A": "1"}).commit
    hub.after = after
    run = story.run({"A": "2"})
    with pytest.raises(LeaseHeld, match="not this command's any more") as caught:
        story.ship("r2", {"A": "2"}, run=run)
    assert caught.value.cause == "bob has taken it"
    assert hub.writes[hub.written :] == ["delete_tag"], "which finds that its own lease is gone"
    assert hub.tags.keys() == {BOBS, good_tag(good)}, "what may be the work of two was called good"
    assert run.verdict == "failed"


# Writing fails -------------------------------------------------------------------------------------------


def test_settings_are_put_back_when_one_of_them_is_refused(story: Story) -> None:
    story.ship("r1", {"A": "1", "C": "1"})
    story.hub.fail("set_variable", None, HubRefused("422", cause="why"))
    with pytest.raises(HubRefused) as caught:
        story.ship("r2", {"A": "2", "B": "2", "C": "2"})
    assert story.hub.values == {"A": "1", "C": "1"}
    assert (caught.value.what, caught.value.cause) == ("422", "why")
    assert caught.value.details == ("settings written before it failed were put back",)
    assert story.serving == "r1"


def test_settings_are_put_back_when_the_commit_is_refused(story: Story) -> None:
    story.ship("r1", {"A": "1"}, {"KEY": "old"})
    story.hub.fail("commit", Conflict("412"))
    with pytest.raises(Conflict) as caught:
        story.ship("r2", {"A": "2"}, {"KEY": "new"})
    assert (story.hub.values, story.serving) == ({"A": "1"}, "r1")
    assert caught.value.details[1] == "secret KEY keeps its new value: the Hub does not give the old one back"


def test_what_cannot_be_put_back_is_listed(story: Story) -> None:
    story.ship("r1", {"A": "1"})
    story.hub.fail("commit", Conflict("412"))
    story.hub.fail("set_variable", None, HubBroken("500"))
    with pytest.raises(Conflict) as caught:
        story.ship("r2", {"A": "2"})
    assert caught.value.details == (
        "written before it failed, and not put back:",
        "~ variable        A = '2' (was '1')",
        "500",
    )


def test_a_commit_that_may_have_landed_keeps_its_settings_and_says_so(story: Story) -> None:
    story.ship("r1", {"A": "1"})
    story.hub.fail("commit", CUT, lost=True)
    story.hub.fail("commits", CUT)
    run = story.run()
    with pytest.raises(Unconfirmed) as caught:
        story.ship("r2", {"A": "2"}, run=run)
    assert run.verdict == "unconfirmed"
    assert story.hub.values == {"A": "2"}
    assert "~ variable        A = '2' (was '1')" in caught.value.details
