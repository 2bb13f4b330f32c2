"""The first deploy of a project, and the ones that find nothing to do."""

from __future__ import annotations

from tests.integration.pipeline.project import Project


def test_the_first_deploy_makes_a_space_that_serves(project: Project) -> None:
    document = project.deployed()
    assert document["verdict"] == "deployed"
    assert document["space"] == project.space
    assert document["changed"] is True
    assert document["rolled_back"] is False
    assert document["revision"] == document["serving"] == project.serving()
    assert document["commit"] == project.seen().head
    assert document["url"] == project.url
    assert document["source_sha"] == project.git("rev-parse", "HEAD").strip()
    assert {"source", "lock", "check", "plan", "create", "lease", "commit", "wait", "verify", "record"} <= {
        step["name"] for step in document["steps"]
    }
    assert project.greeting() == "hello"
    assert not project.held()


def test_a_deploy_of_what_serves_already_asks_six_times_at_the_most_and_writes_nothing(served: Project) -> None:
    before, log, boots = served.seen(), served.build_log(), served.boots()
    again = served.deploy().ended(0)
    assert again.writes == {}
    assert sum(again.requests.values()) <= 6
    assert again.requests == again.document["requests"]
    assert again.document["verdict"] == "unchanged"
    assert again.document["changed"] is False
    assert served.seen() == before
    assert served.build_log() == log
    assert served.boots() == boots
