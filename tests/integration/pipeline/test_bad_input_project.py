"""What is wrong on this machine: one clear error, before anything is written to the Space."""

from __future__ import annotations

from pathlib import Path

from tests.integration.pipeline.project import MAIN, Project

NO_ENGINE = "unix:///nonexistent/docker.sock"


def test_an_unknown_target_is_told_with_the_nearest_one(standing: Project) -> None:
    standing.touch_up("unknown target")
    words = "There is no target 'tset'", "declared are: test", "did you mean 'test'?", "--to"
    outcome = standing.refused(10, *words, arguments=("--to", "tset"))
    assert outcome.requests == {}
    assert outcome.document["error"] == "ConfigError"


def test_a_mistyped_key_is_told_with_the_right_one(standing: Project) -> None:
    standing.target["harware"] = "cpu-basic"
    standing.declare()
    standing.refused(10, "deploy.toml has 1 problem", "targets.test.harware", "did you mean 'hardware'?")


def test_two_problems_are_shown_at_once(standing: Project) -> None:
    standing.target |= {"visibility": "hidden", "harware": "cpu-basic"}
    standing.declare()
    standing.refused(10, "deploy.toml has 2 problems", "targets.test.harware", "targets.test.visibility")


def test_a_file_that_is_not_toml_is_told_with_its_line(standing: Project) -> None:
    standing.write("deploy.toml", 'default = "test"\n[targets\n')
    standing.refused(10, "deploy.toml is not TOML", "line 2")


def test_a_folder_that_is_no_project_is_told(standing: Project) -> None:
    (standing.root / "deploy.toml").unlink()
    standing.refused(10, "There is no deploy.toml")


# Settings ------------------------------------------------------------------------------------------------


def test_bad_lines_of_an_env_file_are_told_with_their_numbers(standing: Project) -> None:
    standing.write(".env", "A=1\nB\n\n2C=3\nA=4\nD='open\n")
    words = "has 4 bad lines", ".env:2: ", ".env:4: ", ".env:5: A was set before, in .env:1"
    standing.refused(10, *words, ".env:6: is not NAME=value")


def test_the_targets_own_env_file_is_read_as_strictly(standing: Project) -> None:
    standing.write(".env.test", "A=1\nA=2\n")
    standing.refused(10, ".env.test:2: A was set before, in .env.test:1")


def test_empty_required_settings_are_told_with_where_they_stand(standing: Project) -> None:
    standing.secrets = {"API_KEY": {}, "OTHER_KEY": {}}
    standing.variables |= {"REGION": {"required": True}}
    standing.declare()
    standing.write(".env", "API_KEY=\nREGION=''\n")
    outcome = standing.refused(
        11, "3 required settings have no value", "API_KEY is empty in .env:1", "REGION is empty in .env:2",
        "OTHER_KEY is empty in the environment", env={"OTHER_KEY": ""},
    )  # fmt: skip
    assert outcome.document["error"] == "MissingSecret"


def test_a_required_secret_without_a_value_anywhere_stops_the_deploy(standing: Project) -> None:
    standing.secrets = {"API_KEY": {}}
    standing.declare()
    standing.refused(11, "secret API_KEY is not set, here or on the Space", ".env.test")


def test_a_required_secret_stops_a_first_deploy_before_there_is_a_space(project: Project) -> None:
    project.secrets = {"API_KEY": {}}
    project.declare()
    project.refused(11, "secret API_KEY is not set")
    assert project.snapshot() is None


# The source ----------------------------------------------------------------------------------------------


def test_a_protected_target_takes_no_uncommitted_work(standing: Project) -> None:
    standing.target["protected"] = True
    standing.declare()
    standing.commit()
    standing.touch_up("not committed")
    words = "is protected and takes committed work only", "1 files differ", "backend/main.py", "commit or stash"
    standing.refused(13, *words, arguments=("--yes",))


def test_a_protected_target_takes_nothing_from_outside_a_checkout(standing: Project) -> None:
    standing.target["protected"] = True
    standing.declare()
    standing.touch_up("no checkout")
    (standing.root / ".git").rename(standing.root / "git")
    standing.refused(13, "this is not a git checkout", arguments=("--yes",))


def test_a_protected_target_is_not_changed_without_a_yes(standing: Project) -> None:
    standing.target["protected"] = True
    standing.declare()
    standing.touch_up("nobody said yes")
    standing.commit()
    standing.refused(14, f"Change {standing.space} (test)?", "not a terminal", "--yes")


def test_a_yes_changes_a_protected_target(served: Project) -> None:
    served.target["protected"] = True
    served.declare()
    served.touch_up("somebody said yes")
    commit = served.commit()
    assert served.deploy("--yes").ended(0).document["source_sha"] == commit


def test_a_dockerfile_that_does_not_parse_is_told_with_its_line(standing: Project) -> None:
    standing.write("backend/Dockerfile", "FROM python:3.13-slim\nCOPPY . .\n")
    standing.refused(1, "backend/Dockerfile:2", "COPPY")


def test_a_syntax_error_is_told_with_its_line(standing: Project) -> None:
    standing.write("backend/main.py", f"{MAIN}\ndef broken(:\n")
    standing.refused(1, f"backend/main.py:{MAIN.count(chr(10)) + 2}", "check")


def test_a_python_file_that_is_not_utf_8_is_told(standing: Project) -> None:
    standing.write("backend/main.py", f'{MAIN}\nNAME = "Zoë"\n'.encode("latin-1"))
    standing.refused(1, f"backend/main.py:{MAIN.count(chr(10)) + 2}", "UTF-8")


def test_everything_wrong_with_the_source_is_told_at_once(standing: Project) -> None:
    standing.write("backend/main.py", "def broken(:\n")
    standing.write("backend/Dockerfile", "COPPY . .\n")
    standing.refused(1, "backend/main.py:1", "backend/Dockerfile:1")


def test_a_symlink_out_of_the_source_is_told(standing: Project, tmp_path: Path) -> None:
    (tmp_path / "elsewhere.txt").write_text("not to be shipped")
    (standing.source / "link.txt").symlink_to(tmp_path / "elsewhere.txt")
    standing.refused(12, "link.txt", "out of")


def test_a_source_that_is_not_there_is_told(standing: Project) -> None:
    standing.source.rename(standing.root / "frontend")
    standing.refused(12, "backend")


def test_a_lock_that_is_out_of_date_is_told_with_its_line(standing: Project) -> None:
    standing.edit("backend/requirements.in", "fastapi[opentelemetry]>=", "fastapi[opentelemetry]>=9.")
    standing.refused(1, "backend/requirements.in:3", "requirements.txt has fastapi", "lock")


def test_a_lock_that_was_edited_by_hand_is_told(standing: Project) -> None:
    standing.edit("backend/requirements.txt", "# via fastapi", "# via nobody")
    standing.edit("backend/requirements.txt", "sha256:0", "sha256:1")
    standing.refused(15, "requirements.txt is out of date", "lock")


# Docker --------------------------------------------------------------------------------------------------


def test_without_an_engine_another_target_than_the_local_one_is_refused(standing: Project) -> None:
    standing.touch_up("never rehearsed")
    before = standing.seen()
    outcome = standing.run("deploy", "--json", env={"DOCKER_HOST": NO_ENGINE}).ended(20)
    assert outcome.document["error"] == "EngineUnavailable"
    assert "'test' cannot be rehearsed" in outcome.document["what"]
    assert "--without-rehearsal" in outcome.document["next"]
    assert outcome.requests == {}
    assert standing.seen() == before


def test_without_an_engine_what_was_not_rehearsed_is_listed(served: Project) -> None:
    served.touch_up("knowingly not rehearsed")
    outcome = served.run("deploy", "--without-rehearsal", env={"DOCKER_HOST": NO_ENGINE}).ended(0)
    assert "not rehearsed here: image build, search of its layers, boot on a random $PORT, " in outcome.out
    served.touch_up("knowingly not rehearsed again")
    document = served.deploy(env={"DOCKER_HOST": NO_ENGINE}).ended(0).document
    assert "image build" in document["not_rehearsed"]
    assert {"name": "rehearsal", "outcome": "skipped"}.items() <= next(
        step for step in document["steps"] if step["name"] == "rehearsal"
    ).items()
