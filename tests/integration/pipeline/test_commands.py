"""The commands beside `deploy`, as a person uses them."""

from __future__ import annotations

import signal

import pytest

from tests.integration.hub_fixtures import Hub
from tests.integration.pipeline.project import Project
from tests.integration.pipeline.running import until


def twice(project: Project) -> tuple[str, str]:
    """Two releases; their commits."""
    first = project.deployed()["commit"]
    project.touch_up("second release")
    project.variables["GREETING"] = "second"
    project.declare()
    return first, project.deployed()["commit"]


def test_rollback_goes_to_the_release_before(project: Project) -> None:
    first, _ = twice(project)
    revision = project.deployed()["revision"]
    document = project.run("rollback", "--json").ended(0).document
    assert document["verdict"] == "rolled_back"
    assert document["serving"] == project.serving() != revision
    assert project.greeting() == "hello"
    assert project.commits()[0].startswith(f"Roll back to {first[:12]}")
    assert not project.held()


def test_rollback_goes_to_the_release_that_is_named(project: Project) -> None:
    first, second = twice(project)
    project.touch_up("third release")
    project.deployed()
    text = project.run("rollback", "--release", first[:10]).ended(0).text
    assert "serves revision" in text
    assert project.greeting() == "hello"
    again = project.run("rollback", "--release", second[:10]).ended(0)
    assert again.writes["POST /api/spaces/{id}/commit/{rev}"] == 1
    assert project.greeting() == "second"


def test_rollback_to_nothing_is_told(standing: Project) -> None:
    before = standing.seen()
    assert "has no earlier good release" in standing.run("rollback").ended(10).text
    outcome = standing.run("rollback", "--release", "0000000")
    assert "'0000000' names no commit" in outcome.ended(10).text
    assert outcome.writes == {}
    assert standing.seen() == before


def test_history_lists_releases_newest_first_with_a_mark_on_the_good_ones(project: Project) -> None:
    first, second = twice(project)
    releases = project.run("history", "--json").ended(0).document["releases"]
    assert [release["commit"] for release in releases][:2] == [second, first]
    assert [release["good"] for release in releases] == [True, True, False]
    assert releases[0]["release"]["source"].startswith(project.git("rev-parse", "HEAD").strip())
    text = project.run("history").ended(0).out
    assert f"✓ {second[:12]}" in text


def test_status_tells_what_serves(standing: Project) -> None:
    outcome = standing.run("status", "--json").ended(0)
    document = outcome.document
    assert document["healthy"] is True
    assert document["stage"] == "RUNNING"
    assert document["answers"] == document["revision"] == standing.serving()
    assert document["commit"] == document["serving"] == standing.seen().head
    assert document["lease"] is None
    assert outcome.writes == {}


def test_status_of_what_does_not_serve_is_a_difference(served: Project, hub: Hub) -> None:
    hub.api().pause_space(served.space)
    document = served.run("status", "--json").ended(2).document
    assert document["healthy"] is False
    assert document["stage"] == "PAUSED"


@pytest.mark.parametrize("command", ["status", "verify", "logs", "history", "rollback", "push", "secrets.sync"])
def test_a_space_that_was_never_deployed_is_told(project: Project, command: str) -> None:
    outcome = project.run(command).ended(34)
    assert f"There is no Space {project.space} that this token can see." in outcome.text
    assert "deploy --to test" in outcome.text
    assert outcome.writes == {}


def test_the_build_log_and_the_run_log_are_printed(standing: Project) -> None:
    assert "Build Queued" in standing.run("logs", "--build").ended(0).out
    assert "Application Startup" in standing.run("logs").ended(0).out


def test_following_a_log_ends_at_ctrl_c(standing: Project) -> None:
    running = standing.start("logs", "-f")
    standing.get("/greeting")
    until(lambda: "/greeting" in running.files[0].read_text(), "the request shows in the log")
    running.send(signal.SIGINT)
    outcome = running.finish().ended(130)
    assert "Traceback" not in outcome.text


@pytest.mark.parametrize(
    "words", ["push", "restart", "rollback --release {head}", "secrets.sync", "secrets.rotate API_KEY"]
)
def test_a_protected_target_is_not_changed_without_a_yes_by_any_command(standing: Project, words: str) -> None:
    standing.target["protected"] = True
    standing.secrets = {"API_KEY": {"generate": "hex:32"}}
    standing.declare()
    standing.touch_up("nobody said yes")
    standing.commit()
    before = standing.seen()
    outcome = standing.run(*words.format(head=before.head).split()).ended(14)
    assert f"Change {standing.space} (test)? Nobody is here to answer." in outcome.text
    assert outcome.writes == {}
    assert standing.seen() == before


def test_push_writes_files_and_nothing_else(served: Project) -> None:
    served.touch_up("pushed")
    served.variables["GREETING"] = "not pushed"
    served.declare()
    outcome = served.run("push", "--json").ended(0)
    assert outcome.document["verdict"] == "pushed"
    assert outcome.document["commit"] == served.seen().head
    assert served.seen().variables["GREETING"] == "hello"
    assert not served.held()
    assert served.run("push", "--json").ended(0).document["verdict"] == "unchanged"


def test_restart_starts_the_same_release_anew(served: Project) -> None:
    before = served.seen()
    assert "serves, and every check passed" in served.run("restart").ended(0).out
    assert len(served.boots()) == 2
    assert served.seen() == before


def test_verify_names_the_check_that_fails(standing: Project) -> None:
    standing.checks.append({"path": "/greeting", "status": 201})
    standing.declare()
    outcome = standing.run("verify", "--json").ended(54)
    assert outcome.document["error"] == "VerificationFailed"
    assert "GET /greeting is 201; seen: 200" in outcome.document["cause"]
    assert outcome.writes == {}


def test_doctor_finds_nothing_wrong_with_what_serves(standing: Project) -> None:
    outcome = standing.run("doctor", "--json")
    found = {finding["subject"]: finding["level"] for finding in outcome.document["findings"]}
    assert found["source"] == found["settings"] == found["token"] == found["Space"] == "ok"
    assert outcome.writes == {}


def test_doctor_finds_everything_wrong_at_once(standing: Project, hub: Hub) -> None:
    standing.write("backend/main.py", "def broken(:\n")
    standing.secrets = {"API_KEY": {}}
    standing.declare()
    outcome = standing.run("doctor", env={"TEST_HUB_TOKEN": hub.new_token("local", "read")}).ended(2)
    assert "✗ source" in outcome.out
    assert "✗ token" in outcome.out
    assert "it may only read" in outcome.out
    assert "A deploy would fail." in outcome.out


def test_unlock_clears_a_lease_and_tells_whose_it_was(served: Project, hub: Hub) -> None:
    api = hub.api()
    api.create_branch(served.space, branch="spacewright-lease", repo_type="space")
    tag = "spacewright-lease_20200101T000000Z_20990101T000000Z_somebody@elsewhere_0a1b2c3d"
    api.create_tag(served.space, tag=tag, repo_type="space")
    assert "held by somebody@elsewhere" in served.run("status").text
    assert "Cleared the lease that somebody@elsewhere took at 2020-01-01" in served.run("unlock").ended(0).out
    assert not served.held()
    assert "There is no lease." in served.run("unlock").ended(0).out


# Secrets -------------------------------------------------------------------------------------------------


def test_secrets_are_planned_then_synced(project: Project) -> None:
    project.deployed()
    project.secrets = {"API_KEY": {}, "OTHER_KEY": {"required": False}}
    project.env["API_KEY"] = "first value"
    project.declare()
    planned = project.run("secrets.plan", "--json").ended(2)
    assert {"kind": "secret", "name": "API_KEY", "state": "missing"} in planned.document["settings"]
    assert {"kind": "secret", "name": "OTHER_KEY", "state": "not set"} in planned.document["settings"]
    assert planned.writes == {}
    head = project.seen().head
    synced = project.run("secrets.sync", "--json").ended(0)
    assert synced.document["verdict"] == "synced"
    assert synced.requests["POST /api/spaces/{id}/secrets"] == 1
    assert project.seen().head == head
    assert not project.held()
    assert "All as declared." in project.run("secrets.plan").ended(0).out
    again = project.run("secrets.sync", "--json").ended(0)
    assert again.writes == {}


def test_a_secret_is_rotated_by_its_generator(project: Project) -> None:
    project.secrets = {"API_KEY": {"generate": "urlsafe:48"}}
    project.declare()
    project.deployed()
    before = project.seen().secrets["API_KEY"]
    outcome = project.run("secrets.rotate", "API_KEY").ended(0)
    assert "The secret was rotated and" in outcome.out
    assert project.seen().secrets["API_KEY"] != before
    assert len(project.boots()) == 2


def test_a_secret_is_rotated_to_what_is_piped_in(project: Project) -> None:
    project.secrets = {"API_KEY": {}}
    project.env["API_KEY"] = "old value of the key"
    project.declare()
    project.deployed()
    outcome = project.start("secrets.rotate", "API_KEY", "--stdin", stdin="new value of the key\n").finish().ended(0)
    assert "new value of the key" not in outcome.text
    document = project.deploy(env={"API_KEY": "new value of the key"}).ended(0).document
    assert document["verdict"] == "unchanged"


def test_a_rotation_is_not_undone_by_who_still_knows_the_old_value(project: Project) -> None:
    project.secrets = {"API_KEY": {}}
    project.write(".env", "API_KEY='old value of the key'\n")
    project.declare()
    project.deployed()
    rotated = project.start("secrets.rotate", "API_KEY", "--stdin", stdin="new value of the key\n").finish().ended(0)
    assert "An older value of API_KEY stands in .env:1" in rotated.text
    project.touch_up("with a secret that is out of date")
    outcome = project.refused(10, "older than the last rotation of API_KEY", "stands in .env:1", "--older")
    assert "value of the key" not in outcome.text
    assert project.run("secrets.sync").ended(10).writes == {}
    assert "superseded" in project.run("secrets.plan").ended(2).out
    assert project.run("secrets.sync", "--older", "--json").ended(0).document["verdict"] == "synced"
    assert "All as declared." in project.run("secrets.plan").ended(0).out


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("API_KEY", "--stdin"), 11, "Standard input is empty. Nothing was changed."),
        (("API_KEYS",), 10, "'API_KEYS' is not a declared secret of target 'test'; did you mean 'API_KEY'?"),
        (("API_KEY",), 10, "API_KEY has no generator, and no value was given."),
        (("--help",), 10, "--help stands where the name of a secret goes."),
    ],
    ids=["empty", "undeclared", "no generator", "a flag"],
)
def test_a_rotation_that_cannot_be_changes_nothing(
    standing: Project, arguments: tuple[str, ...], code: int, words: str
) -> None:
    standing.secrets = {"API_KEY": {}}
    standing.declare()
    before = standing.seen()
    outcome = standing.run("secrets.rotate", *arguments).ended(code)
    assert words in outcome.text
    assert outcome.writes == {}
    assert standing.seen() == before
