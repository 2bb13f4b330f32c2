"""ci.yml, run in fresh clones: no secrets, no variables, and nobody logged in."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

from deploy.image.engine import Engine
from tests.workflows.project import commit
from tests.workflows.runner import JobRun, Repository, Runner
from tests.workflows.workflow import ROOT, Workflow


def runner(repository: Repository, job: str, folder: Path) -> Runner:
    workflow = Workflow.read(repository.files / ".github" / "workflows" / "ci.yml")
    [chosen] = [one for one in workflow.jobs if one.id == job]
    return Runner(workflow=workflow, job=chosen, repository=replace(repository, event="pull_request"), folder=folder)


def run_job(repository: Repository, job: str, folder: Path) -> JobRun:
    return runner(repository, job, folder).run()


def test_the_locks_and_the_source_are_in_order(repository: Repository, tmp_path: Path) -> None:
    run = run_job(repository, "source", tmp_path / "run")

    assert run.conclusion == "success", run.printed
    assert "::error" not in run.printed


def test_what_is_wrong_with_the_source_stands_at_its_line(repository: Repository, tmp_path: Path) -> None:
    main = repository.files / "backend" / "main.py"
    main.write_text(main.read_text() + "import a_package_nobody_locked\n")
    commit(repository.files, "Import it")

    run = run_job(repository, "source", tmp_path / "run")

    assert run.conclusion == "failure"
    [annotation] = [
        line for line in run.printed.splitlines() if "a_package_nobody_locked" in line and "::error" in line
    ]
    assert f"file=backend/main.py,line={len(main.read_text().splitlines())}" in annotation


def test_the_image_is_built_and_boots(engine: Engine, repository: Repository, tmp_path: Path) -> None:
    run = run_job(repository, "image", tmp_path / "run")

    assert run.conclusion == "success", run.printed
    assert [step.conclusion for step in run.steps if step.step.run] == ["success", "success"]


def test_the_linters_are_content(repository: Repository, tmp_path: Path) -> None:
    lint = runner(repository, "lint", tmp_path / "run")
    if (ROOT / ".mypy_cache").is_dir():
        # What mypy knows of files that are the same here: the rest of this test takes a minute without.
        shutil.copytree(ROOT / ".mypy_cache", lint.checkout / ".mypy_cache")

    run = lint.run()

    assert run.conclusion == "success", run.printed


def test_the_tests_are_run_as_the_readme_says(repository: Repository, tmp_path: Path) -> None:
    """All of them, one of which is this one: so it is seen to run a few, given behind what the workflow says."""
    tests = runner(repository, "test", tmp_path / "run")
    [step] = [step for step in tests.job.steps if step.run]
    assert step.run == "./dev test"
    assert f"`{step.run}` runs the tests" in (ROOT / "README.md").read_text()

    few = replace(step, run=f"{step.run} -- tests/workflows/test_expressions.py")
    run = replace(tests, job=replace(tests.job, steps=(few,))).run()

    assert run.conclusion == "success", run.printed
    assert " passed" in run.printed
