"""What a deploy does to files, variables and secrets that changed, here or elsewhere."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from huggingface_hub import CommitOperationAdd

from tests.integration.hub_fixtures import Hub
from tests.integration.pipeline.project import TOKEN_VARIABLE, Project

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def test_files_that_are_gone_here_disappear_there(served: Project) -> None:
    served.write("backend/data/old.txt", "old\n")
    served.deployed()
    assert "data/old.txt" in served.seen().files
    (served.source / "data" / "old.txt").unlink()
    served.deployed()
    assert "data/old.txt" not in served.seen().files
    assert ".gitattributes" in served.seen().files


def test_what_someone_else_put_into_the_space_is_taken_out_again(served: Project, hub: Hub) -> None:
    note = CommitOperationAdd("notes.txt", b"by hand")
    hub.api().create_commit(served.space, [note], commit_message="by hand", repo_type="space")
    assert served.deployed()["verdict"] == "deployed"
    assert "notes.txt" not in served.seen().files


def test_binary_and_large_files_arrive_as_they_are(served: Project, hub: Hub) -> None:
    content = {"data/logo.bin": bytes(range(256)) * 40, "data/model.bin": b"\0\1\2\3" * 3_000_000}
    for path, data in content.items():
        served.write(f"backend/{path}", data)
    served.deployed()
    for path, data in content.items():
        arrived = hub.ask("GET", f"/spaces/{served.space}/resolve/main/{path}", follow_redirects=True)
        assert arrived.content == data
    again = served.deploy().ended(0)
    assert again.writes == {}
    assert again.document["verdict"] == "unchanged"


def test_a_changed_variable_reaches_the_app_without_a_commit(served: Project) -> None:
    head = served.seen().head
    served.variables["GREETING"] = "good morning"
    served.declare()
    document = served.deployed()
    assert document["verdict"] == "deployed"
    assert document["commit"] == head
    assert served.greeting() == "good morning"


def test_what_is_no_longer_declared_is_removed_after_the_new_release_serves(project: Project, hub: Hub) -> None:
    project.variables["OLD"] = "needed by the old code"
    project.secrets = {"OLD_KEY": {"generate": "hex:16"}}
    project.declare()
    project.deployed()
    del project.variables["OLD"]
    project.secrets = {}
    project.declare()
    project.touch_up("does without")
    outcome = project.deploy().ended(0)
    assert {"OLD", "OLD_KEY"}.isdisjoint({*project.seen().variables, *project.seen().secrets})
    names = [step["name"] for step in outcome.document["steps"]]
    assert names.index("commit") < names.index("verify") < names.index("remove") < names.index("record")


def test_nothing_is_removed_when_the_new_release_does_not_serve(project: Project) -> None:
    project.variables["OLD"] = "needed by the old code"
    project.declare()
    project.deployed()
    del project.variables["OLD"]
    project.declare()
    project.write("backend/main.py", "raise RuntimeError('does not start')\n")
    outcome = project.deploy()
    assert outcome.code in {1, 50}, outcome.err
    assert project.seen().variables["OLD"] == "needed by the old code"


def test_a_variable_becomes_a_secret_and_a_variable_again(served: Project, hub: Hub) -> None:
    del served.variables["GREETING"]
    served.secrets = {"GREETING": {}}
    served.env["GREETING"] = "a secret by now"
    served.declare()
    outcome = served.deploy().ended(0)
    assert outcome.document["written"][0] == "- variable        GREETING, as a secret has its name"
    assert "GREETING" not in served.seen().variables
    assert served.greeting() == "a secret by now"

    hub.api().add_space_variable(served.space, "GREETING", "typed by hand")
    assert "other kind" in served.run("secrets.plan").ended(2).out
    served.run("secrets.sync").ended(0)
    assert "GREETING" not in served.seen().variables
    assert "GREETING" in served.seen().secrets


def test_settings_that_are_not_ours_are_left_alone(served: Project, hub: Hub) -> None:
    api = hub.api()
    api.add_space_variable(served.space, "THEIRS", "somebody's")
    api.add_space_secret(served.space, "THEIR_KEY", "somebody's key")
    served.touch_up("beside theirs")
    outcome = served.deploy().ended(0)
    assert "variable THEIRS is on the Space and not declared; not ours, left alone" in outcome.err
    assert "secret THEIR_KEY is on the Space and not declared; not ours, left alone" in outcome.err
    assert served.seen().variables["THEIRS"] == "somebody's"
    assert "THEIR_KEY" in served.seen().secrets


def test_a_generated_secret_is_made_once_and_kept(project: Project) -> None:
    project.secrets = {"API_KEY": {"generate": "urlsafe:48"}}
    project.declare()
    project.deployed()
    made = project.seen().secrets["API_KEY"]
    project.touch_up("another release")
    project.deployed()
    assert project.seen().secrets["API_KEY"] == made


def test_a_secret_that_someone_else_edited_is_noticed_and_written_again(project: Project, hub: Hub) -> None:
    project.secrets = {"API_KEY": {}}
    project.env["API_KEY"] = "the value from here"
    project.declare()
    project.deployed()
    ours = project.seen().secrets["API_KEY"]
    # Whoever edits a value on the settings page keeps its description, and minutes have passed since ours.
    earlier = f"{datetime.now(UTC) - timedelta(minutes=10):%Y-%m-%dT%H:%M:%SZ}"
    description = " ".join([*ours[0].split()[:4], f"{earlier},", *ours[0].split()[5:]])
    hub.api().add_space_secret(project.space, "API_KEY", "another value", description=description)
    outcome = project.run("secrets.plan", "--json").ended(2)
    assert {"kind": "secret", "name": "API_KEY", "state": "edited elsewhere"} in outcome.document["settings"]
    document = project.deployed()
    assert (
        "~ secret          API_KEY (edited elsewhere); a rollback cannot bring an old value back" in document["written"]
    )
    assert project.deploy().ended(0).document["verdict"] == "unchanged"


def test_a_private_space_is_verified_with_the_token(project: Project, hub: Hub) -> None:
    project.target["visibility"] = "private"
    project.declare()
    document = project.deployed()
    assert document["verdict"] == "deployed"
    assert project.seen().private
    assert project.get("/version").status_code in {401, 404}
    shown = project.get("/version", headers={"Authorization": f"Bearer {hub.token}"})
    assert shown.json()["revision"] == document["revision"]
    assert project.run("verify", "--json").ended(0).document["verdict"] == "verified"
    assert project.run("status", "--json").ended(0).document["answers"] == document["revision"]


def test_visibility_changes_with_the_target(served: Project) -> None:
    served.target["visibility"] = "private"
    served.declare()
    assert served.deployed()["verdict"] == "deployed"
    assert served.seen().private


def test_a_paused_space_is_started_again(served: Project, hub: Hub) -> None:
    hub.api().pause_space(served.space)
    document = served.deployed()
    assert document["verdict"] == "deployed"
    assert served.greeting() == "hello"


def test_a_plan_shows_everything_and_writes_nothing(served: Project) -> None:
    served.touch_up("planned")
    served.variables["GREETING"] = "planned"
    served.declare()
    before = served.seen()
    for arguments in (("plan",), ("deploy", "--plan", "--without-rehearsal")):
        outcome = served.run(*arguments)
        assert outcome.code == (2 if arguments[0] == "plan" else 0), outcome.text
        assert "~ variable        GREETING = 'planned' (was 'hello')" in outcome.out
        assert "~ main.py" in outcome.out
        assert "Planned; nothing was changed." in outcome.out
        assert outcome.writes == {}
    assert served.seen() == before
    assert TOKEN_VARIABLE not in before.variables
