"""What a person asks about a Space is answered from the Space itself."""

from __future__ import annotations

import json

import pytest

from deploy.pipeline.commands.history import past_releases
from deploy.pipeline.commands.logs import logs
from deploy.pipeline.commands.status import Status, status
from deploy.pipeline.commands.unlock import unlock
from deploy.space.lease import BRANCH
from deploy.space.model import Runtime
from tests.unit.ground.builders import Recorded
from tests.unit.pipeline.builders import Story

LEASE = "spacewright-lease_20261122T190000Z_20261122T220000Z_bob_0badcafe"


@pytest.fixture
def shipped(story: Story) -> Story:
    story.ship("r1")
    story.hub.asked.clear()
    return story


def seen(story: Story) -> Status:
    return status(story.run())


def test_a_space_that_serves_what_was_shipped_is_healthy(shipped: Story) -> None:
    found = seen(shipped)
    assert found.healthy
    assert (found.stage, found.serving, found.revision, found.answers) == ("RUNNING", shipped.hub.head, "r1", "r1")
    assert found.text().splitlines() == [
        "  space     owner/tasks  https://hub.example/spaces/owner/tasks",
        "  app       https://owner-tasks.space.example",
        "  stage     RUNNING",
        f"  commit    {shipped.hub.head[:12]}",
        f"  serving   {shipped.hub.head[:12]}",
        "  revision  r1",
        "  app says  r1",
        "  lease     free",
    ]
    assert found.document()["healthy"] is True


@pytest.mark.parametrize(
    "runtime",
    [
        Runtime(stage="RUNTIME_ERROR", sha="b" * 40, error_message="Exit code 1"),
        Runtime(stage="RUNNING", sha="b" * 40),
        Runtime(stage="RUNNING"),
    ],
    ids=["failed", "old", "unknown"],
)
def test_a_space_that_does_not_serve_its_head_is_not_healthy(shipped: Story, runtime: Runtime) -> None:
    shipped.hub.stages = [runtime]
    found = seen(shipped)
    assert not found.healthy
    assert f"  serving   {'b' * 12 if runtime.sha else 'unknown'}" in found.text()
    assert ("(Exit code 1)" in found.text()) is (runtime.error_message is not None)


def test_of_a_long_reason_the_beginning_is_shown_and_all_of_it_told(shipped: Story) -> None:
    reason = f"\nExit code: 137. Reason: {'x' * 500}\nsecond line"
    shipped.hub.stages = [Runtime(stage="RUNTIME_ERROR", error_message=reason)]
    found = seen(shipped)
    [line] = [line for line in found.text().splitlines() if "stage" in line]
    assert line.startswith("  stage     RUNTIME_ERROR (Exit code: 137. Reason: xxx")
    assert line.endswith("x…)")
    assert len(line) < 160
    assert "second line" not in found.text()
    assert found.document()["error"] == reason


def test_an_app_that_tells_another_revision_is_not_healthy(shipped: Story) -> None:
    shipped.told_revision = "r0"
    assert not seen(shipped).healthy


@pytest.mark.parametrize(
    ("tags", "text"),
    [({LEASE}, "held by bob until 22:00 UTC"), (set(), "held, unsigned")],
    ids=["signed", "unsigned"],
)
def test_a_lease_is_shown_with_its_holder(shipped: Story, tags: set[str], text: str) -> None:
    shipped.hub.branches[BRANCH] = shipped.hub.head
    shipped.hub.tags |= dict.fromkeys(tags, shipped.hub.head)
    assert seen(shipped).lease == text


def test_a_leftover_tag_is_no_lease(shipped: Story) -> None:
    shipped.hub.tags[LEASE] = shipped.hub.head
    assert seen(shipped).lease is None


def test_a_private_spaces_app_is_asked_with_the_token(shipped: Story) -> None:
    shipped.hub.private = True
    seen(shipped)
    assert shipped.visited[-1][1] is not None


# Releases, logs, the lease -------------------------------------------------------------------------------


def test_releases_are_listed_newest_first_with_the_good_ones_marked(shipped: Story) -> None:
    first = shipped.hub.head
    by_hand = shipped.hub.land({"a": b"1"}, title="Edit on the Hub")
    found = past_releases(shipped.run())
    assert found.text().splitlines()[:2] == [
        f"    {by_hand[:12]}  2026-11-22 20:00  -             Edit on the Hub",
        f"  ✓ {first[:12]}  2026-11-22 20:00  r1            Release revision r1 from 555555555555",
    ]
    assert json.loads(json.dumps(found.document(), default=str))["releases"][1]["good"] is True


def test_a_log_is_printed_as_it_comes(shipped: Story) -> None:
    shipped.hub.log = {"run": ["one", "two"], "build": ["three"]}
    logs(shipped.run(), "run", follow=False)
    assert shipped.recorded.out.getvalue().endswith("one\ntwo\n")


def test_for_a_program_each_line_of_a_log_is_a_document(shipped: Story) -> None:
    shipped.hub.log = {"build": ['a "line"']}
    shipped.recorded = Recorded("json")
    logs(shipped.run(), "build", follow=False)
    assert json.loads(shipped.recorded.out.getvalue()) == {"log": "build", "line": 'a "line"'}


@pytest.mark.parametrize(
    ("tags", "text"),
    [({LEASE}, "Cleared the lease that bob took at 2026-11-22 19:00:00 UTC."), (set(), "Cleared an unsigned lease.")],
    ids=["signed", "unsigned"],
)
def test_a_lease_is_cleared_and_its_holder_named(shipped: Story, tags: set[str], text: str) -> None:
    shipped.hub.branches[BRANCH] = shipped.hub.head
    shipped.hub.tags |= dict.fromkeys(tags, shipped.hub.head)
    assert unlock(shipped.run()) == text
    assert BRANCH not in shipped.hub.branches
    assert LEASE not in shipped.hub.tags


def test_where_there_is_no_lease_nothing_is_said(shipped: Story) -> None:
    assert unlock(shipped.run()) == ""
