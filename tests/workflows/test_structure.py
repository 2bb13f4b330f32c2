"""What holds for every workflow, whatever it does."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from invoke.parser import Parser

from deploy.config import load
from tasks import ns
from tests.workflows.expressions import Scope, bare, expressions, names
from tests.workflows.runner import Repository, Runner
from tests.workflows.workflow import ROOT, WORKFLOWS, Job, Step, Workflow

ALL = [Workflow.read(path) for path in sorted(WORKFLOWS.glob("*.yml"))]
PAIRS = [(workflow, job) for workflow in ALL for job in workflow.jobs]
JOBS = [pytest.param(*pair, id=f"{pair[0].file}-{pair[1].id}") for pair in PAIRS]
CHANGING = [pytest.param(*pair, id=f"{pair[0].file}-{pair[1].id}") for pair in PAIRS if "environment" in pair[1].raw]
"""Jobs that change a Space."""

PINNED = re.compile(r"\s+uses: [\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+")
COMMAND = re.compile(r"(?:exec )?\./dev (?P<words>.+)")
CONTEXTS = {"env", "github", "inputs", "needs", "secrets", "steps", "vars"}


def test_there_is_one_for_a_pull_request_for_a_merge_and_by_hand() -> None:
    triggers = {workflow.file: {*workflow.triggers} for workflow in ALL}
    assert (
        triggers.items()
        >= {
            "ci.yml": {"pull_request"},
            "deploy.yml": {"push", "workflow_dispatch"},
            "rotate.yml": {"schedule", "workflow_dispatch"},
        }.items()
    )
    assert not any({"pull_request_target", "workflow_run"} & events for events in triggers.values())


@pytest.mark.parametrize("workflow", ALL, ids=lambda workflow: str(workflow.file))
def test_nothing_is_granted_at_the_top_and_the_shell_is_strict(workflow: Workflow) -> None:
    assert workflow.raw["name"]
    assert workflow.raw["permissions"] == {}
    assert workflow.shell == "bash"


@pytest.mark.parametrize(("workflow", "job"), JOBS)
def test_a_job_says_what_it_is_may_and_takes_at_most(workflow: Workflow, job: Job) -> None:
    assert job.raw["name"]
    assert isinstance(job.raw["timeout-minutes"], int)
    assert job.raw["permissions"].items() <= {"contents": "read", "id-token": "write"}.items()
    assert "strategy" not in job.raw


@pytest.mark.parametrize(("workflow", "job"), JOBS)
def test_a_step_is_an_action_or_a_command_of_ours(workflow: Workflow, job: Job) -> None:
    for step in job.steps:
        assert step.name
        if step.run is None:
            assert step.uses
            continue
        command = COMMAND.fullmatch(step.run.strip())
        assert command, step.run
        assert "${{" not in step.run
        [parsed] = _parsed(shlex.split(command["words"]))
        assert parsed.name in ns.task_names
        for variable in re.findall(r"\$(\w+)", step.run):
            assert f'"${variable}"' in step.run
            assert variable in {**job.env, **step.env}


@pytest.mark.parametrize("workflow", ALL, ids=lambda workflow: str(workflow.file))
def test_actions_are_pinned_by_commit(workflow: Workflow) -> None:
    lines = [line for line in (WORKFLOWS / workflow.file).read_text().splitlines() if "uses:" in line]
    assert lines
    assert [line for line in lines if not PINNED.fullmatch(line)] == []


def test_an_action_has_the_same_pin_everywhere() -> None:
    pins = {step.uses for _, job in PAIRS for step in job.steps if step.uses}
    assert len(pins) == len({pin.partition("@")[0] for pin in pins})


@pytest.mark.parametrize(("workflow", "job"), JOBS)
def test_the_checkout_leaves_no_credentials_and_the_python_is_the_images(workflow: Workflow, job: Job) -> None:
    options = {str(step.uses).partition("@")[0]: step.with_ for step in job.steps if step.uses}
    assert options["actions/checkout"]["persist-credentials"] is False
    assert options["actions/setup-python"]["python-version"] == load(ROOT).source.python


@pytest.mark.parametrize(("workflow", "job"), JOBS)
def test_secrets_are_given_to_commands_alone(workflow: Workflow, job: Job) -> None:
    places = [where for where, text in _texts(job) if any("secrets." in name for name in expressions(text))]
    commands = [step.name for step in job.steps if step.run]
    assert [where for where in places if where.rpartition(" env ")[0] not in commands] == []
    assert not places or "pull_request" not in workflow.triggers


@pytest.mark.parametrize(("workflow", "job"), JOBS)
def test_expressions_name_what_there_is(workflow: Workflow, job: Job) -> None:
    before: set[str] = set()
    for step in job.steps:
        for path in _named(_texts_of(step)):
            _assert_known(path, workflow, job, before)
        before |= {step.id} if step.id else set()
    for path in _named(_texts_of_job(job)):
        _assert_known(path, workflow, job, before)


@pytest.mark.parametrize(("workflow", "job"), CHANGING)
@pytest.mark.parametrize(
    "facts",
    [
        {},
        {"inputs": {"target": "preview"}},
        {"variables": {"DEPLOY_TARGET": "first", "ROTATE_TARGET": "other"}},
    ],
    ids=["plain", "by hand", "by variable"],
)
def test_whatever_changes_a_space_waits_its_turn(workflow: Workflow, job: Job, facts: Mapping[str, Any]) -> None:
    runner = Runner(workflow=workflow, job=job, repository=Repository(files=ROOT, machine={}, **facts), folder=ROOT)
    target = runner.before.text(job.env["TARGET"])
    assert target
    assert job.raw["concurrency"]["cancel-in-progress"] is False
    assert job.raw["concurrency"]["queue"] == "max"
    assert runner.before.text(job.raw["concurrency"]["group"]) == f"space-{target}"
    assert runner.before.text(job.raw["environment"]["name"]) == target


@pytest.mark.parametrize(("workflow", "job"), CHANGING)
def test_a_job_outlives_the_longest_deploy_and_its_way_back(workflow: Workflow, job: Job) -> None:
    config = load(ROOT)
    waits = 3 if any("deploy " in str(step.run) for step in job.steps) else 2
    longest = max(target.build_timeout for target in config.targets.values()) + 2 * config.app.ready_timeout
    assert job.raw["timeout-minutes"] * 60 > waits * longest


@pytest.mark.parametrize(("workflow", "job"), CHANGING)
def test_a_command_that_changes_a_space_takes_the_place_of_its_shell(workflow: Workflow, job: Job) -> None:
    """A cancelled run interrupts the first process of a step and no other."""
    changing = [step.run for step in job.steps if step.run and re.search("dev (deploy|secrets.rotate)", step.run)]
    assert len(changing) == 1
    assert changing[0].startswith("exec ")


@pytest.mark.parametrize(("workflow", "job"), JOBS)
def test_evidence_is_kept_however_the_deploy_went(workflow: Workflow, job: Job) -> None:
    deploys = any("dev deploy" in str(step.run) for step in job.steps)
    kept = [step for step in job.steps if "upload-artifact" in str(step.uses)]
    assert len(kept) == deploys
    for step in kept:
        assert step.with_["path"] == ".spacewright/evidence/"
        for failed in (True, False):
            scope = Scope({}, {"always": True, "success": not failed, "failure": failed, "cancelled": False})
            assert scope.holds(step.condition)


def test_the_tests_of_a_pull_request_are_not_excused_for_want_of_an_engine() -> None:
    [step] = [step for _, job in PAIRS for step in job.steps if step.run == "./dev test"]
    assert step.env == {"REQUIRE": "docker"}


@pytest.mark.parametrize(
    ("facts", "ran"),
    [
        ({}, True),
        ({"variables": {"DEPLOY_TARGET": "production"}}, False),
        ({"variables": {"DEPLOY_TARGET": "preview"}}, True),
        ({"inputs": {"target": "staging"}}, False),
        ({"inputs": {"target": ""}}, True),
    ],
    ids=["a merge", "one target", "another first", "by hand", "by hand, as a merge"],
)
@pytest.mark.parametrize("served", [True, False])
def test_production_comes_second_and_when_the_first_serves(facts: Mapping[str, Any], ran: bool, served: bool) -> None:
    first, production = next(workflow for workflow in ALL if workflow.file == "deploy.yml").jobs
    assert production.needs == (first.id,)
    contexts = {
        "inputs": facts.get("inputs", {}),
        "vars": facts.get("variables", {}),
        "needs": {first.id: {"outputs": {"url": "http://127.0.0.1" if served else ""}}},
    }
    assert Scope(contexts, {"success": True}).holds(production.condition) is (ran and served)


def _parsed(words: list[str]) -> list[Any]:
    """The commands as Invoke understands them. It raises for a flag or an argument that a task does not take."""
    return [*Parser(contexts=ns.to_contexts()).parse_argv(words)]


def _assert_known(path: str, workflow: Workflow, job: Job, before: set[str]) -> None:
    root, name, *rest = path.split(".")
    assert root in CONTEXTS
    if root == "steps":
        assert name in before
        assert rest[0] == "outputs"
    if root == "needs":
        assert name in job.needs
        assert rest[1] in next(other for other in workflow.jobs if other.id == name).outputs
    if root == "inputs":
        assert name in workflow.triggers["workflow_dispatch"]["inputs"]
    if root == "env":
        assert name in job.env


def _named(texts: Iterator[tuple[str, str]]) -> Iterator[str]:
    for where, text in texts:
        for expression in (bare(text),) if where.endswith(" if") else expressions(text):
            yield from names(expression)


def _texts(job: Job) -> Iterator[tuple[str, str]]:
    yield from _texts_of_job(job)
    for step in job.steps:
        yield from _texts_of(step)


def _texts_of_job(job: Job) -> Iterator[tuple[str, str]]:
    for key, value in job.raw.items():
        if key != "steps":
            yield from _leaves(f"the job's {key}", value)


def _texts_of(step: Step) -> Iterator[tuple[str, str]]:
    yield from _leaves(f"{step.name} if", step.condition)
    yield from _leaves(f"{step.name} run", step.run)
    yield from _leaves(f"{step.name} with", step.with_)
    yield from _leaves(f"{step.name} env", step.env)


def _leaves(where: str, value: object) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for key, below in value.items():
            yield from _leaves(f"{where} {key}", below)
    elif isinstance(value, str):
        yield where, value
