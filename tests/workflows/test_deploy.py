"""deploy.yml, run against a Hub on this machine: what reaches which Space, and what does not."""

from __future__ import annotations

import json
import os
import signal
import time
from pathlib import Path

from deploy.errors import Interrupted
from tests.workflows.project import commit
from tests.workflows.runner import JobRun, Repository, Runner, run_workflow
from tests.workflows.site import Site
from tests.workflows.workflow import Workflow

PATIENCE = 120.0
WAITING = "GET /api/spaces/{id}/runtime"
DATABASE = "sqlite:////tmp/where-nobody-may-know.db"
LOGIN, DOCTOR = "Look for a login", "Look for what would make it fail"
DEPLOY, EVIDENCE = "Deploy and see it serve", "Keep the evidence"


def conclusions(run: JobRun) -> dict[str, str]:
    """Of the steps that are commands."""
    return {step.step.name: step.conclusion for step in run.steps if step.step.run}


def test_a_merge_ships_to_staging_and_then_to_production(site: Site) -> None:
    site = site.with_token(DATABASE_URL=DATABASE)

    runs = site.run("deploy.yml")

    assert [(run.name, run.conclusion) for run in runs.values()] == [
        ("To staging", "success"),
        ("To production", "success"),
    ], site.printed(runs)
    for run, target in zip(runs.values(), ("staging", "production"), strict=True):
        deployed = run.step(DEPLOY)
        revision = site.ask(target, "/version")["revision"]
        assert run.environment == {"name": target, "url": site.address(target)}
        assert deployed.outputs == {"url": site.address(target), "commit": site.commit(target), "changed": "true"}
        assert f"| Revision | `{revision}` |" in deployed.summary
        assert "| verify | ok |" in deployed.summary
        kept = {name.rpartition("/")[2]: text for name, text in run.step(EVIDENCE).uploaded.items()}
        assert {"deploy.json", "evidence.json", "report.html", "summary.md", "junit.xml"} <= kept.keys()
        assert all(name.startswith(f"evidence-{target}-1/{target}/") for name in run.step(EVIDENCE).uploaded)
        assert json.loads(kept["evidence.json"])["verdict"] == "deployed"
    assert site.stored_secrets("production")["DATABASE_URL"] == DATABASE
    assert site.leaks(runs) == []

    again = site.by_hand(target="production").run("deploy.yml")

    assert [run.conclusion for run in again.values()] == ["success", "skipped"], site.printed(again)
    assert again["first"].name == "To production"
    assert again["first"].step(DEPLOY).outputs == {**runs["production"].step(DEPLOY).outputs, "changed": "false"}


def test_a_merge_without_a_token_ships_keyless(site: Site) -> None:
    site = site.keyless("deploy.yml")

    runs = site.run("deploy.yml")

    assert [run.conclusion for run in runs.values()] == ["success", "success"], site.printed(runs)
    for run, target in zip(runs.values(), ("staging", "production"), strict=True):
        assert run.step(LOGIN).printed.strip().endswith(f"keyless, for spaces/{site.space(target)}")
        assert run.step(DEPLOY).outputs["url"] == site.address(target)
        assert site.ask(target, "/health")["status"] == "ok"
    assert site.leaks(runs) == []


def test_a_keyless_login_that_the_space_does_not_trust_ships_nothing(site: Site) -> None:
    site = site.keyless("another.yml")

    runs = site.run("deploy.yml")

    assert [run.conclusion for run in runs.values()] == ["failure", "skipped"]
    assert conclusions(runs["first"]) == {LOGIN: "success", DOCTOR: "failure", DEPLOY: "skipped"}
    assert "Trusted Publishers" in runs["first"].printed
    assert site.leaks(runs) == []


def test_what_fails_on_staging_never_reaches_production(site: Site) -> None:
    (site.repository.files / "backend" / "main.py").write_text("app = nothing_of_that_name\n")
    commit(site.repository.files, "Break it")
    site = site.with_token()

    runs = site.run("deploy.yml")

    assert [run.conclusion for run in runs.values()] == ["failure", "skipped"]
    assert not site.exists("staging")
    assert not site.exists("production")


def test_a_fork_ships_nothing_and_says_so(repository: Repository, tmp_path: Path) -> None:
    workflow = Workflow.read(repository.files / ".github" / "workflows" / "deploy.yml")

    runs = run_workflow(workflow, repository, tmp_path / "run")

    assert [run.conclusion for run in runs.values()] == ["success", "skipped"], runs["first"].printed
    assert conclusions(runs["first"]) == {LOGIN: "success", DOCTOR: "skipped", DEPLOY: "skipped"}
    said = "There is no login for staging: neither HF_OIDC_RESOURCE nor HF_TOKEN is set."
    assert f"::notice title=Nothing was done to staging::{said}" in runs["first"].printed
    assert said in runs["first"].step(LOGIN).summary
    assert runs["first"].environment["url"] == ""


def test_a_cancelled_deploy_hears_of_it_and_gives_the_lease_back(site: Site, tmp_path: Path) -> None:
    """GitHub interrupts a step's first process, the shell, and nothing below it."""
    site = site.keyless("deploy.yml")
    site.hub.fault(space=site.space("staging"), name="stuck_build", value=True)
    workflow = site.workflow("deploy.yml")
    job = workflow.jobs[0]
    runner = Runner(workflow=workflow, job=job, repository=site.repository, folder=tmp_path / "run")
    site.hub.forget_requests()

    process = runner.start(next(step for step in job.steps if step.name == DEPLOY), runner.during(()))
    until = time.monotonic() + PATIENCE
    while WAITING not in site.hub.requests() and time.monotonic() < until:
        time.sleep(0.1)
    leased = site.branches("staging")
    os.kill(process.shell.pid, signal.SIGINT)
    run = process.finished()

    assert len(leased) == 2, run.printed
    assert run.code == Interrupted.exit_code, run.printed
    assert "the Hub goes on building it" in run.printed
    assert site.branches("staging") == ["main"]
