"""Ctrl-C and a cancelled job: what was written is put back or told, and nobody holds the Space afterwards."""

from __future__ import annotations

import signal

import pytest

from tests.integration.hub_fixtures import Hub
from tests.integration.pipeline.project import Project
from tests.integration.pipeline.running import Outcome, Running, until

BOTH = pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["SIGINT", "SIGTERM"])
VARIABLES = "/api/spaces/{id}/variables"
COMMIT = "/api/spaces/{id}/commit/{rev}"


def changed(project: Project) -> None:
    """A file and two variables to write."""
    project.touch_up("interrupted")
    project.variables |= {"GREETING": "interrupted", "NEW": "interrupted"}
    project.declare()


def started(project: Project) -> Running:
    project.hub.forget_requests()
    return project.start("deploy", "--without-rehearsal", "--json")


def asked(project: Project, route: str, times: int = 1) -> None:
    """Wait until the Hub got the request: it holds its answer back."""
    until(lambda: project.hub.requests().get(f"POST {route}", 0) >= times, f"{times} times {route}")


def stopped(running: Running, number: signal.Signals) -> Outcome:
    """Interrupt it; it must end by itself, say so, and leave nothing running."""
    running.send(number)
    outcome = running.finish(60).ended(130)
    assert outcome.document["error"] == "Interrupted"
    assert outcome.document["verdict"] == "interrupted"
    assert outcome.document["next"]
    return outcome


@BOTH
def test_before_anything_is_written_nothing_is(standing: Project, hub: Hub, number: signal.Signals) -> None:
    changed(standing)
    before = standing.seen()
    hub.fault(route="/api/spaces/{id}/tree/{rev}", method="GET", delay=5.0)
    running = started(standing)
    until(lambda: "GET /api/spaces/{id}/tree/{rev}" in hub.requests(), "the Space is being looked at")
    outcome = stopped(running, number)
    assert "Nothing was written" in outcome.document["what"]
    assert standing.seen() == before


@BOTH
def test_settings_written_before_the_commit_are_put_back(served: Project, hub: Hub, number: signal.Signals) -> None:
    changed(served)
    before = served.seen()
    hub.fault(route=VARIABLES, method="POST", skip=1, delay=3.0, status=500)
    running = started(served)
    asked(served, VARIABLES, 2)
    outcome = stopped(running, number)
    assert "Stopped before the commit. Settings that were written were put back." in outcome.document["what"]
    assert any("GREETING" in line for line in outcome.document["details"])
    assert served.seen() == before


@BOTH
def test_a_commit_under_way_is_looked_for(served: Project, hub: Hub, number: signal.Signals) -> None:
    """The Hub has made the commit, and its answer is still to come."""
    served.touch_up("committed, and nobody heard of it")
    served.declare()
    before = len(served.commits())
    hub.fault(route=COMMIT, method="POST", lost_answer=True)
    hub.fault(route="/api/spaces/{id}/commits/{rev}", method="GET", delay=2.0)
    running = started(served)
    until(lambda: "GET /api/spaces/{id}/commits/{rev}" in hub.requests(), "the lost commit is being looked for")
    outcome = stopped(running, number)
    head = served.seen().head
    assert len(served.commits()) == before + 1
    assert f"Stopped after commit {head[:12]}" in outcome.document["what"]
    assert "status --to test" in outcome.document["next"]
    assert not served.held()


@BOTH
def test_after_the_commit_the_hub_goes_on_building(served: Project, hub: Hub, number: signal.Signals) -> None:
    changed(served)
    hub.fault(space=served.space, name="stuck_build")
    running = started(served)
    until(lambda: hub.requests().get("GET /api/spaces/{id}/runtime", 0) > 1, "the build is waited for")
    outcome = stopped(running, number)
    head = served.seen().head
    assert f"Stopped after commit {head[:12]}; the Hub goes on building it." in outcome.document["what"]
    assert outcome.document["commit"] == head
    assert any("GREETING" in line for line in outcome.document["details"])
    assert not served.held()
    hub.heal()
    assert f"{head[:12]} was never verified" in served.run("plan").ended(2).out
    finished = served.deploy().ended(0)
    assert finished.document["verdict"] == "deployed"
    assert f"POST {COMMIT}" not in finished.requests
    assert f"good-{head[:12]}" in served.seen().tags
    assert served.greeting() == "interrupted"
    assert served.deploy().ended(0).document["verdict"] == "unchanged"


def test_impatience_while_settings_are_put_back_is_told_what_may_be_left(served: Project, hub: Hub) -> None:
    changed(served)
    hub.fault(route=VARIABLES, method="POST", skip=1, delay=3.0, status=500)
    hub.fault(route=VARIABLES, method="DELETE", delay=3.0, count=None)
    running = started(served)
    asked(served, VARIABLES, 2)
    running.send(signal.SIGINT)
    until(lambda: f"DELETE {VARIABLES}" in hub.requests(), "settings are being put back")
    outcome = stopped(running, signal.SIGINT)
    assert "Nothing was written" not in outcome.document["what"]
    assert any("GREETING" in line for line in outcome.document["details"])
