"""A release that fails is taken back by a new commit, and how that ended is said plainly."""

from __future__ import annotations

import pytest

from deploy.errors import HubUnreachable, ReleaseFailed, RollbackFailed, RolledBack
from deploy.space.history import good_tag, history
from deploy.space.lease import BRANCH
from deploy.space.model import Runtime
from deploy.space.wait import RESTART_GRACE
from tests.unit.pipeline.builders import Story

CUT = HubUnreachable("cut")


def test_an_app_that_fails_its_checks_is_taken_back_with_its_variables(story: Story) -> None:
    good = story.ship("r1", {"A": "1", "OLD": "1"})
    story.broken = {"r2"}
    run = story.run({"A": "2", "NEW": "1"})
    with pytest.raises(RolledBack) as caught:
        story.ship("r2", {"A": "2", "NEW": "1"}, run=run, extra=b"x")
    assert (story.serving, story.hub.values) == ("r1", {"A": "1", "OLD": "1"})
    assert "extra" not in story.hub.files
    assert (run.verdict, run.rolled_back, run.commit, run.serving) == ("rolled_back", True, story.hub.head, "r1")
    assert caught.value.what == f"1 check of the running app failed. Rolled back: {good.commit[:12]} serves again."
    assert "GET /tasks: GET /tasks is 200; seen: 500" in caught.value.details
    assert BRANCH not in story.hub.branches


def test_the_way_back_is_a_good_release_of_its_own(story: Story) -> None:
    good = story.ship("r1", {"A": "1"})
    story.broken = {"r2"}
    run = story.run({"A": "2"})
    with pytest.raises(RolledBack):
        story.ship("r2", {"A": "2"}, run=run)
    back = history(story.hub.client)[0]
    assert back.title == f"Roll back to {good.commit[:12]} (revision r1)"
    assert back.release is not None
    assert (back.release.deploy, back.release.rollback_to) == (f"{run.deploy}-back", good.commit)
    assert (back.release.revision, back.release.variables) == ("r1", {"A": "1"})
    assert story.hub.tags.keys() == {good_tag(good.commit), good_tag(back.commit)}


def test_a_way_back_that_cannot_be_marked_is_told_and_stands(story: Story) -> None:
    story.ship("r1")
    story.broken = {"r2"}
    story.hub.fail("create_tag", None, CUT)
    with pytest.raises(RolledBack) as caught:
        story.ship("r2")
    assert caught.value.details[-1].endswith("could not be marked as a good release: cut")


def test_an_image_that_does_not_build_is_taken_back_with_the_reason_from_its_log(story: Story) -> None:
    story.ship("r1")
    log = ["#9 ERROR: process did not complete", "ERROR: No matching distribution found for nosuch==1"]
    story.hub.log = {"build": log, "run": ["nothing to see"]}
    story.hub.builds = [["BUILDING", "BUILD_ERROR"]]
    with pytest.raises(RolledBack) as caught:
        story.ship("r2")
    assert "The image did not build on the Hub" in caught.value.what
    assert "the index has no nosuch==1" in str(caught.value.cause)
    assert caught.value.details[-2:] == tuple(log)
    assert story.serving == "r1"


def test_an_app_that_does_not_start_is_taken_back_with_the_reason_from_its_log(story: Story) -> None:
    story.ship("r1")
    story.hub.log = {"run": ["Traceback (most recent call last):", "RuntimeError: JWT_KEY_A is not set"]}
    story.hub.builds = [["RUNTIME_ERROR"]]
    with pytest.raises(RolledBack) as caught:
        story.ship("r2")
    assert "The app did not start on the Hub" in caught.value.what
    assert caught.value.cause == "the environment variable JWT_KEY_A is not set"


def test_secrets_that_were_written_are_told_as_lasting(story: Story) -> None:
    story.ship("r1", secrets={"KEY": "old"})
    story.broken = {"r2"}
    with pytest.raises(RolledBack) as caught:
        story.ship("r2", secrets={"KEY": "new"})
    assert caught.value.details[-1] == "secret KEY keeps its new value: the Hub does not give the old one back"


def test_a_secret_that_the_release_added_is_removed_again(story: Story) -> None:
    story.ship("r1", secrets={"KEY": "v"})
    story.broken = {"r2"}
    with pytest.raises(RolledBack) as caught:
        story.ship("r2", secrets={"KEY": "v", "NEW": "only for the new release"})
    assert set(story.hub.stored_secrets) == {"KEY"}
    assert "NEW" not in str(caught.value)


def test_a_variable_that_became_a_secret_is_a_variable_again(story: Story) -> None:
    story.ship("r1", {"A": "1"})
    story.broken = {"r2"}
    with pytest.raises(RolledBack):
        story.ship("r2", secrets={"A": "1"})
    assert (story.hub.values, story.hub.stored_secrets) == ({"A": "1"}, {})


def test_settings_alone_are_taken_back_without_a_commit(story: Story) -> None:
    good = story.ship("r1", {"A": "1"})
    story.healthy = lambda: story.hub.values == {"A": "1"}
    story.hub.asked.clear()
    with pytest.raises(RolledBack):
        story.ship("r1", {"A": "2"})
    assert "commit" not in story.hub.asked
    assert (story.hub.head, story.hub.values) == (good.commit, {"A": "1"})
    assert story.now >= 2 * RESTART_GRACE, "the RUNNING of before a restart was taken for the one after"


def test_a_removal_that_breaks_the_app_is_taken_back(story: Story) -> None:
    story.ship("r1", {"NEEDED": "1"})
    story.healthy = lambda: story.serving == "r1" or "NEEDED" in story.hub.values
    with pytest.raises(RolledBack):
        story.ship("r2")
    assert (story.serving, story.hub.values) == ("r1", {"NEEDED": "1"})


# Which one -----------------------------------------------------------------------------------------------


def test_what_served_before_is_gone_back_to_also_when_no_deploy_made_it(story: Story) -> None:
    by_hand = story.hub.land({"Dockerfile": b"FROM scratch"})
    story.broken = {"r1"}
    with pytest.raises(RolledBack, match=by_hand[:12]):
        story.ship("r1")
    assert dict(story.hub.files) == {"Dockerfile": b"FROM scratch"}


def test_where_nothing_served_before_the_newest_good_release_is_gone_back_to(story: Story) -> None:
    good = story.ship("r1")
    story.hub.land({"Dockerfile": b"broken by hand"})
    story.hub.stages = [Runtime(stage="BUILD_ERROR", sha=story.hub.head)]
    story.broken = {"r2"}
    with pytest.raises(RolledBack, match=good.commit[:12]):
        story.ship("r2")
    assert story.serving == "r1"


def test_a_first_release_that_fails_has_nowhere_to_go_back_to(story: Story) -> None:
    story.broken = {"r1"}
    run = story.run()
    with pytest.raises(ReleaseFailed, match="no earlier good release") as caught:
        story.ship("r1", run=run)
    assert (run.verdict, run.rolled_back, story.serving) == ("failed", False, "r1")
    assert "invoke logs --to staging" in str(caught.value.next_step)
    assert BRANCH not in story.hub.branches


# It fails too --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("call", ["commits", "tree", "read", "set_variable"])
def test_a_hub_that_fails_on_the_way_back_leaves_it_to_a_person(story: Story, call: str) -> None:
    story.ship("r1", {"A": "1"})
    story.broken = {"r2"}
    passing = {"tree": 2, "set_variable": 1}.get(call, 0)
    story.hub.fail(call, *[None] * passing, CUT)
    run = story.run({"A": "2"})
    with pytest.raises(RollbackFailed) as caught:
        story.ship("r2", {"A": "2"}, run=run)
    assert (run.verdict, run.rolled_back) == ("rollback_failed", False)
    assert str(caught.value.cause).endswith("the rollback: cut")
    assert f"commit {run.journal.commit[:12] if run.journal.commit else ''} on main" in caught.value.details


def test_an_old_release_that_does_not_serve_any_more_leaves_it_to_a_person(story: Story) -> None:
    story.ship("r1")
    story.broken = {"r1", "r2"}
    run = story.run()
    with pytest.raises(RollbackFailed) as caught:
        story.ship("r2", run=run)
    assert "the rollback: 1 check of the running app failed" in str(caught.value.cause)
    assert run.commit == story.hub.head
