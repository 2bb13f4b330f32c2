"""rotate.yml, run against a Hub on this machine."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.workflows.runner import Repository, run_workflow
from tests.workflows.site import Site
from tests.workflows.workflow import Workflow

ROTATE = "Rotate and see it serve"


def test_a_secret_gets_a_new_value_by_token_and_keyless(site: Site) -> None:
    shipped = site.with_token().by_hand(target="production").run("deploy.yml")
    assert shipped["first"].conclusion == "success", site.printed(shipped)
    values = [site.stored_secrets("production")["JWT_KEY_A"]]
    for asking in (
        site.with_token().by_hand(secret="JWT_KEY_A"),
        site.keyless("rotate.yml").on_schedule().variables(ROTATE_SECRET="JWT_KEY_A"),
    ):
        run = asking.run("rotate.yml")["rotate"]

        assert (run.name, run.conclusion) == ("JWT_KEY_A on production", "success"), run.printed
        assert "| Verdict | rotated |" in run.step(ROTATE).summary
        assert site.ask("production", "/health")["status"] == "ok"
        values.append(site.stored_secrets("production")["JWT_KEY_A"])
        assert asking.leaks({"rotate": run}) == []
        assert not any(value in run.printed for value in values)
    assert len(set(values)) == 3


def test_a_name_that_is_not_declared_is_refused_and_never_run(site: Site) -> None:
    site = site.keyless("rotate.yml").by_hand(secret='NAME"; touch "$HOME/was-here', target="staging")

    run = site.run("rotate.yml")["rotate"]

    assert run.conclusion == "failure"
    assert "is not a declared secret of target 'staging'" in run.step(ROTATE).printed
    assert site.stored_secrets("staging") == {}
    assert not Path(site.repository.machine["HOME"], "was-here").exists()


@pytest.mark.parametrize(
    ("asked", "conclusion", "notice"),
    [
        ({"event": "schedule"}, "skipped", []),
        (
            {"event": "schedule", "variables": {"ROTATE_SECRET": "JWT_KEY_A"}},
            "success",
            ["Nothing was done to production"],
        ),
        (
            {"event": "workflow_dispatch", "inputs": {"secret": "JWT_KEY_A", "target": "staging"}},
            "success",
            ["Nothing was done to staging"],
        ),
    ],
    ids=["not set up", "on schedule", "by hand"],
)
def test_without_a_login_nothing_is_done_and_it_says_so(
    repository: Repository, tmp_path: Path, asked: dict[str, Any], conclusion: str, notice: list[str]
) -> None:
    workflow = Workflow.read(repository.files / ".github" / "workflows" / "rotate.yml")

    run = run_workflow(workflow, replace(repository, **asked), tmp_path / "run")["rotate"]

    assert run.conclusion == conclusion, run.printed
    assert re.findall("^::notice title=(.*?)::", run.printed, re.MULTILINE) == notice
    assert [step.conclusion for step in run.steps if step.step.name == ROTATE] == ["skipped"] * len(notice)
