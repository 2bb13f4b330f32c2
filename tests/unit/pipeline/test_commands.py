"""Single parts of a deploy do their part alone, and change nothing else."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from deploy.errors import (
    ConfigError,
    ConfirmationNeeded,
    HubUnreachable,
    Interrupted,
    RollbackFailed,
    SpaceNotFound,
    VerificationFailed,
)
from deploy.pipeline.commands.restart import restart
from deploy.pipeline.commands.rollback import roll_back
from deploy.pipeline.commands.verify import verify
from deploy.pipeline.run import Run
from deploy.pipeline.steps.space import existing
from deploy.space.lease import BRANCH
from deploy.space.model import Runtime
from tests.unit.pipeline.builders import TOML, Story

PARTS: dict[str, Callable[[Run], object]] = {
    "verify": verify,
    "restart": lambda run: restart(run, factory=False, yes=True),
    "rollback": lambda run: roll_back(run, "", yes=True),
    "existing": existing,
}
CHANGING: dict[str, Callable[[Run], object]] = {
    "restart": lambda run: restart(run, factory=False, yes=False),
    "rollback": lambda run: roll_back(run, "", yes=False),
}


@pytest.mark.parametrize("part", PARTS.values(), ids=PARTS.keys())
def test_a_part_needs_a_space(story: Story, part: Callable[[Run], object]) -> None:
    with pytest.raises(SpaceNotFound, match="There is no Space owner/tasks that this token can see") as caught:
        part(story.run())
    assert caught.value.next_step == "invoke deploy --to staging"
    assert story.hub.asked == ["info"]


@pytest.mark.parametrize("part", CHANGING.values(), ids=CHANGING.keys())
def test_a_protected_target_is_not_changed_unasked(story: Story, part: Callable[[Run], object]) -> None:
    story.ship("r1")
    story.ship("r2")
    story.toml = TOML + "protected = true\n"
    story.hub.asked.clear()
    with pytest.raises(ConfirmationNeeded, match=r"Change owner/tasks \(staging\)\?"):
        part(story.run())
    assert story.hub.writes == []


# Verify --------------------------------------------------------------------------------------------------


def test_what_serves_is_checked_against_the_revision_in_its_own_files(story: Story) -> None:
    story.ship("r1")
    run = story.run()
    verify(run)
    assert (run.verdict, run.revision) == ("verified", "r1")
    assert [(check["name"], check["verdict"]) for check in run.checks] == [
        ("health", "passed"),
        ("revision", "passed"),
        ("GET /tasks", "passed"),
    ]
    assert {tuple(check) for check in run.checks} == {("name", "verdict", "asked", "seen", "seconds")}


def test_failed_checks_are_listed(story: Story) -> None:
    story.ship("r1")
    story.broken = {"r1"}
    with pytest.raises(VerificationFailed, match="1 of 3 checks failed on owner/tasks") as caught:
        verify(story.run())
    assert caught.value.details == ("GET /tasks: GET /tasks is 200; seen: 500",)


def test_what_the_hub_knows_not_to_serve_is_not_asked(story: Story) -> None:
    story.ship("r1")
    story.visited.clear()
    story.hub.log = {"run": ["ModuleNotFoundError: No module named 'mangum'"]}
    story.hub.stages = [Runtime(stage="RUNTIME_ERROR", sha=story.hub.head, error_message="Exit code: 1")]
    run = story.run()
    with pytest.raises(VerificationFailed, match=r"owner/tasks does not serve\. The app did not start") as caught:
        verify(run)
    assert "mangum" in str(caught.value.cause)
    assert "invoke rollback" in str(caught.value.next_step)
    assert story.visited == []
    assert (run.folder / "evidence.json").is_file()


@pytest.mark.parametrize(
    ("app", "note"), [("", "3 of 3 checks passed"), ('[app]\nversion = ""', "2 passed, 1 not run")]
)
def test_the_note_tells_what_was_not_run_from_what_failed(story: Story, app: str, note: str) -> None:
    story.toml += app
    story.ship("r1")
    run = story.run()
    verify(run)
    assert {step.note for step in run.console.steps if step.name == "verify"} == {note}


# Restart -------------------------------------------------------------------------------------------------


def test_a_restart_is_seen_through(story: Story) -> None:
    story.ship("r1")
    run = story.run()
    restart(run, factory=False, yes=True)
    assert run.verdict == "verified"
    assert "restart" in story.hub.asked
    assert story.now > 0, "the RUNNING of before was taken for the new one"


def test_a_restart_that_does_not_serve_is_told(story: Story) -> None:
    story.ship("r1")
    story.broken = {"r1"}
    with pytest.raises(VerificationFailed, match="was restarted and does not serve"):
        restart(story.run(), factory=True, yes=True)


# Roll back -----------------------------------------------------------------------------------------------


def test_the_last_good_release_comes_back_with_the_variables_it_was_made_with(story: Story) -> None:
    story.ship("r1", {"A": "1", "GONE": "1"})
    story.ship("r2", {"A": "2", "LATER": "2"})
    run = story.run()
    roll_back(run, "", yes=True)
    assert story.serving == "r1"
    assert story.hub.values == {"A": "1", "GONE": "1", "LATER": "2"}
    assert (run.verdict, run.rolled_back, run.serving, run.commit) == ("rolled_back", True, "r1", story.hub.head)
    assert BRANCH not in story.hub.branches


def test_a_second_rollback_takes_the_first_one_back(story: Story) -> None:
    for revision in ("r1", "r2", "r3"):
        story.ship(revision)
    for expected in ("r2", "r3"):
        roll_back(story.run(), "", yes=True)
        assert story.serving == expected


def test_a_release_is_chosen_by_the_beginning_of_its_commit(story: Story) -> None:
    first = story.ship("r1").commit
    story.ship("r2")
    story.ship("r3")
    roll_back(story.run(), first[:8], yes=True)
    assert story.serving == "r1"


def test_a_commit_that_is_not_there_is_refused(story: Story) -> None:
    story.ship("r1")
    story.hub.asked.clear()
    with pytest.raises(ConfigError, match="'ffffffff0000' names no commit of owner/tasks"):
        roll_back(story.run(), "ffffffff0000", yes=True)
    assert story.hub.writes == []


def test_the_beginning_of_several_commits_is_refused(story: Story) -> None:
    commits = [story.ship(f"r{number}").commit for number in range(17)]
    first = next(each[0] for each in commits if sum(other[0] == each[0] for other in commits) > 1)
    with pytest.raises(ConfigError, match=rf"'{first}' names \d+ commits"):
        roll_back(story.run(), first, yes=True)


def test_without_an_earlier_good_release_one_must_be_named(story: Story) -> None:
    story.ship("r1")
    with pytest.raises(ConfigError, match="owner/tasks has no earlier good release") as caught:
        roll_back(story.run(), "", yes=True)
    assert "invoke history --to staging" in str(caught.value.next_step)


def test_an_old_release_that_does_not_serve_any_more_is_told(story: Story) -> None:
    story.ship("r1")
    story.ship("r2")
    story.broken = {"r1"}
    run = story.run()
    with pytest.raises(RollbackFailed, match="was put back and does not serve"):
        roll_back(run, "", yes=True)
    assert (run.verdict, run.rolled_back) == ("rollback_failed", False)


def test_variables_are_put_back_when_the_way_back_is_interrupted(story: Story) -> None:
    story.ship("r1", {"A": "1"})
    story.ship("r2", {"A": "2"})
    story.hub.fail("commit", KeyboardInterrupt())
    with pytest.raises(Interrupted, match="Settings that were written were put back"):
        roll_back(story.run(), "", yes=True)
    assert (story.serving, story.hub.values) == ("r2", {"A": "2"})


def test_variables_are_put_back_when_the_way_back_fails(story: Story) -> None:
    story.ship("r1", {"A": "1"})
    story.ship("r2", {"A": "2"})
    story.hub.fail("tree", HubUnreachable("cut"))
    with pytest.raises(HubUnreachable) as caught:
        roll_back(story.run(), "", yes=True)
    assert (story.serving, story.hub.values) == ("r2", {"A": "2"})
    assert caught.value.details == ("settings written before it failed were put back",)


def test_what_serves_is_known_from_the_space_itself(story: Story) -> None:
    head = story.ship("r1").commit
    story.hub.stages = [Runtime(stage="PAUSED")]
    run = story.run()
    assert existing(run).runtime.stage == "PAUSED"
    assert (run.url, run.commit, run.revision) == (story.hub.host, head, "r1")
