"""What a deploy may cost, counted and not timed."""

from __future__ import annotations

import pytest

from tests.integration.hub_fixtures import Hub
from tests.integration.pipeline.project import Project

COMMIT = "POST /api/spaces/{id}/commit/{rev}"
RESTART = "POST /api/spaces/{id}/restart"
SETTINGS = ("POST /api/spaces/{id}/variables", "POST /api/spaces/{id}/secrets")


def declare_twenty(project: Project) -> None:
    """Ten variables and ten secrets."""
    project.variables |= {f"OPTION_{number}": f"value {number}" for number in range(8)}
    project.secrets = {f"KEY_{number}": {} for number in range(10)}
    project.env |= {f"KEY_{number}": f"the value of key {number}" for number in range(10)}
    project.declare()


@pytest.mark.parametrize("number", [1, 300, 2000])
def test_any_number_of_changed_files_is_one_commit_and_one_build(served: Project, number: int) -> None:
    first, before = served.seen().head, served.serving()
    for index in range(number):
        served.write(f"backend/data/{index % 7}/{index}.txt", f"line {index}\n")
    outcome = served.deploy().ended(0)
    assert outcome.requests[COMMIT] == 1
    assert len(served.commits()) == 3  # the Hub's own first one, then ours
    assert served.seen().head != first
    assert len(served.seen().files) == 7 + number
    assert served.boots() == [before, outcome.document["revision"]]
    assert served.serving() == outcome.document["revision"]


@pytest.mark.parametrize("changed", [0, 1])
def test_of_twenty_settings_only_the_changed_one_is_written(project: Project, changed: int) -> None:
    declare_twenty(project)
    project.deployed()
    project.variables |= {f"OPTION_{number}": "another" for number in range(changed)}
    project.declare()
    outcome = project.deploy().ended(0)
    assert sum(outcome.requests.get(route, 0) for route in SETTINGS) == changed
    assert not {COMMIT, RESTART} & set(outcome.requests)
    assert len(project.boots()) == 1 + changed


def test_a_changed_secret_among_twenty_settings_is_one_write(project: Project) -> None:
    declare_twenty(project)
    project.deployed()
    outcome = project.deploy(env={"KEY_3": "another value of key 3"}).ended(0)
    assert [outcome.requests.get(route, 0) for route in SETTINGS] == [0, 1]
    assert outcome.document["written"] == [
        "~ secret          KEY_3 (changed); a rollback cannot bring an old value back"
    ]


def test_the_settings_of_a_new_space_travel_in_the_request_that_makes_it(project: Project) -> None:
    declare_twenty(project)
    outcome = project.deploy().ended(0)
    assert outcome.requests["POST /api/repos/create"] == 1
    assert not set(SETTINGS) & set(outcome.requests)
    assert len(project.seen().variables) == len(project.seen().secrets) == 10


def test_a_change_outside_the_source_deploys_nothing(served: Project) -> None:
    before = served.seen()
    served.write("docs/guide.md", "How to greet\n")
    served.commit()
    outcome = served.deploy().ended(0)
    assert outcome.writes == {}
    assert outcome.document["verdict"] == "unchanged"
    assert outcome.document["source_sha"] == served.git("rev-parse", "HEAD").strip()
    assert served.seen() == before


def test_requests_told_are_those_the_hub_counted(served: Project) -> None:
    served.touch_up("once more")
    outcome = served.deploy().ended(0)
    assert sum(outcome.document["requests"].values()) == sum(outcome.requests.values())
    assert outcome.document["requests"][COMMIT] == outcome.requests[COMMIT]


def test_a_hub_that_goes_on_reporting_the_old_commit_is_not_believed(served: Project, hub: Hub) -> None:
    old = served.serving()
    served.target["build_timeout"] = 4.0
    served.declare()
    served.touch_up("never seen")
    hub.fault(space=served.space, name="stale_running")
    outcome = served.deploy().ended(52)
    document = outcome.document
    assert document["error"] == "Unconfirmed"
    assert document["verdict"] == "unconfirmed"
    assert document["serving"] is None
    assert served.seen().head == document["commit"]
    assert "could not be confirmed that it serves" in document["what"]
    assert "the Hub still says RUNNING" in document["cause"]
    assert "status --to test" in document["next"]
    assert f"good-{document['commit'][:12]}" not in served.seen().tags
    assert not served.held()
    assert old != document["revision"]


def test_a_build_that_takes_too_long_is_not_called_done(served: Project, hub: Hub) -> None:
    served.target["build_timeout"] = 1.0
    served.declare()
    served.touch_up("never built")
    hub.fault(space=served.space, name="stuck_build")
    document = served.deploy().ended(52).document
    assert "RUNNING_BUILDING" in document["cause"]
    assert served.greeting() == "hello"


def test_a_commit_whose_answer_is_lost_is_made_once(served: Project, hub: Hub) -> None:
    before = len(served.commits())
    served.touch_up("lost and found")
    hub.fault(route="/api/spaces/{id}/commit/{rev}", method="POST", lost_answer=True)
    outcome = served.deploy().ended(0)
    assert len(served.commits()) == before + 1
    assert outcome.requests[COMMIT] == 1
    assert outcome.document["commit"] == served.seen().head
    assert outcome.document["verdict"] == "deployed"
    assert served.serving() == outcome.document["revision"]
