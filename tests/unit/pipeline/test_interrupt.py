"""Ctrl-C at any moment leaves the Space as it was, or names the commit that is on it."""

from __future__ import annotations

import pytest

from deploy.errors import HubUnreachable, Interrupted
from deploy.space.lease import BRANCH
from tests.unit.pipeline.builders import Story
from tests.unit.space.asked import Fault

CTRL_C = KeyboardInterrupt()


def stopped(story: Story) -> Interrupted:
    """The second release, which changes a variable and a file, is interrupted."""
    run = story.run({"A": "2"})
    with pytest.raises(Interrupted) as caught:
        story.ship("r2", {"A": "2"}, run=run)
    assert run.verdict == "interrupted"
    return caught.value


@pytest.fixture
def shipped(story: Story) -> Story:
    story.ship("r1", {"A": "1"})
    return story


def test_before_anything_was_written_it_says_so(shipped: Story) -> None:
    shipped.hub.fail("create_tag", CTRL_C)
    assert stopped(shipped).what == "Stopped. Nothing was written."
    assert (shipped.serving, shipped.hub.values) == ("r1", {"A": "1"})


def test_settings_are_put_back_while_nobody_else_may_change_the_space(shipped: Story) -> None:
    shipped.hub.fail("commit", CTRL_C)
    stopped(shipped)
    assert shipped.hub.writes[-4:] == ["commit", "set_variable", "delete_tag", "delete_branch"]


@pytest.mark.parametrize("lost", [True, False])
def test_settings_are_put_back_whether_they_arrived_or_not(shipped: Story, lost: bool) -> None:
    shipped.hub.fail("set_variable", CTRL_C, lost=lost)
    error = stopped(shipped)
    assert error.what == "Stopped before the commit. Settings that were written were put back."
    assert error.details == ("~ variable        A = '2' (was '1')",)
    assert (shipped.serving, shipped.hub.values) == ("r1", {"A": "1"})


def test_a_commit_that_did_not_land_is_before_the_commit(shipped: Story) -> None:
    shipped.hub.fail("commit", CTRL_C)
    assert stopped(shipped).what.startswith("Stopped before the commit.")
    assert (shipped.serving, shipped.hub.values) == ("r1", {"A": "1"})


def test_a_commit_that_landed_while_its_answer_was_waited_for_is_named(shipped: Story) -> None:
    shipped.hub.fail("commit", CTRL_C, lost=True)
    error = stopped(shipped)
    assert error.what == f"Stopped after commit {shipped.hub.head[:12]}; the Hub goes on building it."
    assert error.details == ("~ variable        A = '2' (was '1')", f"commit {shipped.hub.head[:12]} on main")
    assert (shipped.serving, shipped.hub.values) == ("r2", {"A": "2"})


def test_a_commit_that_cannot_be_looked_for_is_said_to_be_unknown(shipped: Story) -> None:
    shipped.hub.fail("commit", CTRL_C, lost=True)
    shipped.hub.fail("commits", HubUnreachable("cut"))
    error = stopped(shipped)
    assert "cannot be asked whether it landed" in error.what
    assert error.cause == "cut"
    assert shipped.hub.values == {"A": "2"}


def test_while_it_is_waited_for_the_commit_is_named(shipped: Story) -> None:
    shipped.hub.fail("runtime", CTRL_C)
    error = stopped(shipped)
    assert error.what == f"Stopped after commit {shipped.hub.head[:12]}; the Hub goes on building it."
    assert "invoke status --to staging" in str(error.next_step)


def test_settings_that_cannot_be_put_back_are_listed(shipped: Story) -> None:
    shipped.hub.fail("commit", CTRL_C)
    shipped.hub.fail("set_variable", None, HubUnreachable("cut"))
    error = stopped(shipped)
    assert "could not be put back" in error.what
    assert (error.cause, error.details) == ("cut", ("~ variable        A = '2' (was '1')",))


def test_a_secret_that_was_written_is_told(story: Story) -> None:
    story.ship("r1", secrets={"KEY": "old"})
    story.hub.fail("commit", CTRL_C)
    with pytest.raises(Interrupted) as caught:
        story.ship("r2", secrets={"KEY": "new"})
    assert caught.value.details[-1] == "secret KEY keeps its new value: the Hub does not give the old one back"


@pytest.mark.parametrize("call", ["delete_tag", "delete_branch"])
def test_at_the_end_what_is_done_is_said_to_be(shipped: Story, call: str) -> None:
    shipped.hub.fail(call, CTRL_C)
    error = stopped(shipped)
    assert error.what == f"Done, at commit {shipped.hub.head[:12]}. Stopped while the lease was given back."
    assert "invoke unlock" in str(error.next_step)


def test_at_the_end_of_a_release_that_failed_its_failure_is_said(shipped: Story) -> None:
    shipped.broken = {"r2"}
    shipped.hub.fail("delete_tag", CTRL_C)
    error = stopped(shipped)
    assert "Rolled back: " in error.what
    assert error.what.endswith("Stopped while the lease was given back.")
    assert "GET /tasks: GET /tasks is 200; seen: 500" in error.details
    assert (shipped.serving, shipped.hub.values) == ("r1", {"A": "1"})


PLANNED, DONE = 6, 19
"""Calls that planning makes, and all calls with those of a release that goes well."""


def test_a_release_makes_as_many_calls_as_are_interrupted_below(shipped: Story) -> None:
    shipped.hub.asked.clear()
    shipped.ship("r2", {"A": "2"})
    assert shipped.hub.asked.index("create_branch") == PLANNED
    assert len(shipped.hub.asked) == DONE


@pytest.mark.parametrize("lost", [True, False], ids=["answer lost", "not sent"])
@pytest.mark.parametrize("place", range(PLANNED + 1, DONE + 1))
def test_at_any_call_the_space_is_as_it_was_or_its_commit_is_named(shipped: Story, place: int, lost: bool) -> None:
    before = (dict(shipped.hub.files), shipped.hub.values)
    shipped.hub.asked.clear()
    shipped.hub.faults_at = {place: Fault(CTRL_C, lost)}
    error = stopped(shipped)
    now = (dict(shipped.hub.files), shipped.hub.values)
    assert now == before or shipped.hub.head[:12] in error.what
    if "Nothing was written" in error.what:
        assert now == before
    # A lease whose branch or end was under way is cleared by the next command, or ends by itself.
    free = BRANCH not in shipped.hub.branches
    assert free or shipped.hub.asked[place - 1] in {"create_branch", "delete_tag", "delete_branch"}
