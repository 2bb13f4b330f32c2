"""Two deploys of one Space at once, and what a deploy that was killed leaves behind."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from deploy.secret import Secret
from deploy.space.client import HubClient
from deploy.space.lease import held
from tests.integration.hub_fixtures import Hub
from tests.integration.pipeline.project import Project
from tests.integration.pipeline.running import until

BRANCH = "spacewright-lease"
SIGNING = "POST /api/spaces/{id}/tag/{rev}"


def lease(project: Project, hub: Hub, until_: datetime, *, holder: str = "somebody@elsewhere") -> str:
    """What a deploy of somebody else leaves on the Hub while it runs; the tag that signs it."""
    since = until_ - timedelta(hours=1)
    tag = f"{BRANCH}_{since:%Y%m%dT%H%M%SZ}_{until_:%Y%m%dT%H%M%SZ}_{holder}_0a1b2c3d"
    hub.api().create_branch(project.space, branch=BRANCH, repo_type="space")
    hub.api().create_tag(project.space, tag=tag, repo_type="space")
    return tag


def test_of_two_deploys_at_once_the_second_is_told_who_holds_the_space(served: Project, hub: Hub) -> None:
    served.touch_up("the one that holds")
    hub.fault(space=served.space, name="stuck_build")
    first = served.start("deploy", "--without-rehearsal", "--json", env={"USER": "early"})
    until(lambda: len(served.commits()) == 3, "the first deploy committed")
    served.touch_up("the one that comes too late")
    before = served.seen()
    second = served.deploy(env={"USER": "late"}).ended(40)
    assert second.document["error"] == "LeaseHeld"
    assert "is being changed by early@" in second.document["what"]
    assert "unlock --to test" in second.document["next"]
    assert served.seen() == before
    hub.heal()
    assert first.finish().ended(0).document["verdict"] == "deployed"
    assert not served.held()


def test_a_deploy_that_may_wait_goes_on_when_the_other_ends(served: Project, hub: Hub) -> None:
    served.target["lease_wait"] = 60.0
    served.declare()
    served.touch_up("the one that waits")
    tag = lease(served, hub, datetime.now(UTC) + timedelta(hours=1))
    waiting = served.start("deploy", "--without-rehearsal", "--json")
    hub.forget_requests()
    until(lambda: hub.requests().get("GET /api/spaces/{id}/refs", 0) > 0, "the deploy looked at the lease")
    hub.api().delete_tag(served.space, tag=tag, repo_type="space")
    hub.api().delete_branch(served.space, branch=BRANCH, repo_type="space")
    assert waiting.finish().ended(0).document["verdict"] == "deployed"
    assert not served.held()


def test_a_lease_whose_time_is_over_is_cleared(served: Project, hub: Hub) -> None:
    served.touch_up("after a deploy that was killed")
    lease(served, hub, datetime.now(UTC) - timedelta(minutes=5))
    assert served.deploy().ended(0).document["verdict"] == "deployed"
    assert not served.held()


def test_a_signature_left_over_lets_nobody_in_beside_a_deploy_that_is_just_signing(served: Project, hub: Hub) -> None:
    """The late one finds the early one's fresh branch beside a tag whose time is over, and clears both."""
    served.touch_up("the early one of two")
    left_over = f"{BRANCH}_20200101T000000Z_20200101T010000Z_dead@ci_0a1b2c3d"
    hub.api().create_tag(served.space, tag=left_over, repo_type="space")
    before = served.seen().head
    hub.fault(route=SIGNING.removeprefix("POST "), method="POST", delay=10.0)
    hub.forget_requests()
    early = served.start("deploy", "--without-rehearsal", "--json", env={"USER": "early"})
    until(lambda: SIGNING in hub.requests(), "the early one is signing")
    client = HubClient(hub.url, served.space, Secret(hub.token), token_variable="HF_TOKEN")
    with held(client, before, duration=600, target="test", holder="late", on_stranded=pytest.fail):
        outcome = early.finish().ended(40)
    assert "is being changed by late" in outcome.document["what"]
    assert served.seen().head == before
    assert not served.held()


def test_a_deploy_whose_lease_was_cleared_writes_nothing_more(served: Project, hub: Hub) -> None:
    served.touch_up("lost its lease")
    hub.fault(space=served.space, name="stuck_build")
    running = served.start("deploy", "--without-rehearsal", "--json")
    until(lambda: len(served.commits()) == 3, "it committed")
    assert "Cleared the lease" in served.run("unlock").ended(0).out
    hub.heal()
    outcome = running.finish().ended(40)
    assert "is not this command's any more" in outcome.document["what"]
    assert f"good-{served.seen().head[:12]}" not in served.seen().tags


def test_a_lease_of_somebody_else_is_respected(standing: Project, hub: Hub) -> None:
    standing.touch_up("somebody else holds")
    tag = lease(standing, hub, datetime.now(UTC) + timedelta(hours=1))
    try:
        outcome = standing.failed(40, "is being changed by somebody@elsewhere", "its right to the Space ends at")
        assert outcome.document["changed"] is False
    finally:
        hub.api().delete_tag(standing.space, tag=tag, repo_type="space")
        hub.api().delete_branch(standing.space, branch=BRANCH, repo_type="space")
