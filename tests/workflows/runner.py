"""Runs the jobs of a workflow as GitHub's runners do: each on a machine of its own, with a fresh checkout.

Steps that use an action are not run: the checkout and a Python are there, and what would be uploaded is collected.
"""

from __future__ import annotations

import json
import os
import secrets
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from tests.workflows import project
from tests.workflows.expressions import Scope
from tests.workflows.workflow import Job, Step, Workflow

BASH = ("bash", "--noprofile", "--norc", "-eo", "pipefail")
"""What `shell: bash` means (docs.github.com, "Workflow syntax for GitHub Actions")."""
REPOSITORY = f"someone/service-{secrets.token_hex(4)}"
"""Of its own for each run of the tests: under it the engine keeps the images, and remembers which of them passed."""
BRANCH = "refs/heads/main"
STEP_TIMEOUT = 300.0

_FILES = ("GITHUB_ENV", "GITHUB_OUTPUT", "GITHUB_PATH", "GITHUB_STEP_SUMMARY")


@dataclass(frozen=True, kw_only=True)
class Repository:
    """What a repository on GitHub is, and the event that sets a workflow off.

    `files` is a git repository to clone. `environments` are the variables of each environment, which only the steps
    of its jobs see. `identity` is what a job gets when it may ask for identity tokens. `machine` is the environment
    that every runner has.
    """

    files: Path
    machine: Mapping[str, str]
    secrets: Mapping[str, str] = field(default_factory=dict)
    variables: Mapping[str, str] = field(default_factory=dict)
    environments: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    identity: Mapping[str, str] = field(default_factory=dict)
    event: str = "push"
    inputs: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class StepRun:
    """How a step went: "success", "failure" or "skipped"; what it printed, set, told and uploaded."""

    step: Step
    conclusion: str
    code: int = 0
    printed: str = ""
    outputs: Mapping[str, str] = field(default_factory=dict)
    summary: str = ""
    uploaded: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class JobRun:
    """How a job went; `folder` is the machine's own, with the checkout and what the steps wrote."""

    job: Job
    conclusion: str
    folder: Path
    steps: tuple[StepRun, ...] = ()
    outputs: Mapping[str, str] = field(default_factory=dict)
    name: str = ""
    environment: Mapping[str, str] = field(default_factory=dict)

    def step(self, name: str) -> StepRun:
        return next(run for run in self.steps if run.step.name == name)

    @property
    def printed(self) -> str:
        return "\n".join(run.printed for run in self.steps)


@dataclass(frozen=True, kw_only=True)
class Process:
    """The shell of one step under way, and the files it writes to."""

    step: Step
    shell: subprocess.Popen[str]
    files: Mapping[str, Path]

    def finished(self) -> StepRun:
        """Wait for the shell, and read what it left behind."""
        try:
            printed, _ = self.shell.communicate(timeout=STEP_TIMEOUT)
        except subprocess.TimeoutExpired:
            os.killpg(self.shell.pid, signal.SIGKILL)
            printed, _ = self.shell.communicate()
            raise AssertionError(f"{self.step.name} did not end within {STEP_TIMEOUT:g} s:\n{printed}") from None
        told = {name: file.read_text() for name, file in self.files.items()}
        # None of our commands has anything to say to the steps after it but by an output.
        assert not told["GITHUB_ENV"] + told["GITHUB_PATH"]
        return StepRun(
            step=self.step,
            conclusion="failure" if self.shell.returncode else "success",
            code=self.shell.returncode,
            printed=printed,
            outputs=dict(_assignments(told["GITHUB_OUTPUT"])),
            summary=told["GITHUB_STEP_SUMMARY"],
        )


@dataclass(frozen=True, kw_only=True)
class Runner:
    """One job on a machine, which keeps all it has in `folder`."""

    workflow: Workflow
    job: Job
    repository: Repository
    folder: Path
    needs: Mapping[str, JobRun] = field(default_factory=dict)

    def run(self) -> JobRun:
        if not self.before.holds(self.job.condition):
            return JobRun(job=self.job, conclusion="skipped", folder=self.folder)
        steps: list[StepRun] = []
        for step in self.job.steps:
            scope = self.during(steps)
            steps.append(self._run(step, scope) if scope.holds(step.condition) else _skipped(step))
        after = self.during(steps)
        environment = self.job.raw.get("environment", {})
        return JobRun(
            job=self.job,
            conclusion="failure" if any(run.conclusion == "failure" for run in steps) else "success",
            folder=self.folder,
            steps=tuple(steps),
            outputs={key: after.text(value) for key, value in self.job.outputs.items()},
            name=self.before.text(str(self.job.raw["name"])),
            environment={key: after.text(_text(value)) for key, value in environment.items()},
        )

    @cached_property
    def before(self) -> Scope:
        """What the job may name before it starts: not yet what its environment has."""
        contexts = {
            "vars": self.repository.variables,
            "inputs": self.repository.inputs,
            "github": {"event_name": self.repository.event, "ref": BRANCH, "run_attempt": "1"},
            "needs": {name: {"result": run.conclusion, "outputs": run.outputs} for name, run in self.needs.items()},
        }
        # Where one that is needed did not run, none runs.
        return Scope(contexts, _status(all(run.conclusion == "success" for run in self.needs.values())))

    def during(self, done: Sequence[StepRun]) -> Scope:
        """What a step may name after those: also secrets, variables of the environment, and the job's `env`."""
        environment = self.before.text(self.job.raw.get("environment", {}).get("name", ""))
        variables = {**self.repository.variables, **self.repository.environments.get(environment, {})}
        contexts = {**self.before.contexts, "vars": variables, "secrets": self.repository.secrets}
        env = {name: Scope(contexts).text(_text(value)) for name, value in self.job.env.items()}
        steps = {run.step.id: {"outputs": run.outputs} for run in done if run.step.id}
        well = all(run.conclusion != "failure" for run in done)
        return Scope({**contexts, "env": env, "steps": steps}, _status(well))

    @cached_property
    def checkout(self) -> Path:
        return project.clone(self.repository.files, self.folder / REPOSITORY.rpartition("/")[2])

    def start(self, step: Step, scope: Scope) -> Process:
        """The step's shell as the runner starts it: its script in a file, nothing to read, files to write to."""
        assert self.workflow.shell == "bash"
        assert step.run is not None
        own = self.folder / f"step-{self.job.steps.index(step)}"
        own.mkdir(parents=True)
        files = {name: own / name for name in _FILES}
        for file in files.values():
            file.touch()
        script = own / "script.sh"
        script.write_text(scope.text(step.run))
        shell = subprocess.Popen(
            [*BASH, str(script)],
            cwd=self.checkout,
            env={**self._environment(step, scope), **{name: str(file) for name, file in files.items()}},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        return Process(step=step, shell=shell, files=files)

    def _environment(self, step: Step, scope: Scope) -> dict[str, str]:
        may_identify = self.job.permissions.get("id-token") == "write"
        return {
            **self.repository.machine,
            **(self.repository.identity if may_identify else {}),
            "CI": "true",
            "GITHUB_ACTIONS": "true",
            "GITHUB_ACTOR": "someone",
            "GITHUB_EVENT_NAME": self.repository.event,
            "GITHUB_JOB": self.job.id,
            "GITHUB_REF": BRANCH,
            "GITHUB_REPOSITORY": REPOSITORY,
            "GITHUB_RUN_ATTEMPT": "1",
            "GITHUB_RUN_ID": "4711",
            "GITHUB_SERVER_URL": "https://github.com",
            "GITHUB_WORKFLOW": str(self.workflow.raw["name"]),
            "GITHUB_WORKSPACE": str(self.checkout),
            **{name: scope.text(_text(value)) for name, value in {**self.job.env, **step.env}.items()},
        }

    def _run(self, step: Step, scope: Scope) -> StepRun:
        if step.run is not None:
            return self.start(step, scope).finished()
        options = {name: scope.text(_text(value)) for name, value in step.with_.items()}
        uploads = "upload-artifact" in (step.uses or "")
        uploaded = dict(_uploads(self.checkout, options)) if uploads else {}
        return StepRun(step=step, conclusion="success", uploaded=uploaded)


def run_workflow(workflow: Workflow, repository: Repository, folder: Path) -> dict[str, JobRun]:
    """Every job in the order of the file, which is one that fits what they need."""
    done: dict[str, JobRun] = {}
    for job in workflow.jobs:
        needs = {name: done[name] for name in job.needs}
        runner = Runner(workflow=workflow, job=job, repository=repository, folder=folder / job.id, needs=needs)
        done[job.id] = runner.run()
    return done


def _uploads(checkout: Path, options: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """The files of an artifact, by `<artifact>/<path>`; hidden ones only where the action is told to take them."""
    folder = checkout / options["path"]
    for file in sorted(folder.rglob("*")):
        hidden = any(part.startswith(".") for part in file.relative_to(checkout).parts)
        if file.is_file() and (not hidden or options.get("include-hidden-files") == "true"):
            yield f"{options['name']}/{file.relative_to(folder)}", file.read_text(errors="replace")


def _skipped(step: Step) -> StepRun:
    return StepRun(step=step, conclusion="skipped")


def _status(well: bool) -> dict[str, bool]:
    return {"always": True, "success": well, "failure": not well, "cancelled": False}


def _text(value: object) -> str:
    """A value of YAML as the text that an action or a shell gets."""
    return value if isinstance(value, str) else json.dumps(value)


def _assignments(text: str) -> Iterator[tuple[str, str]]:
    """Lines of `name=value`; the form for values of several lines is not used."""
    for line in text.splitlines():
        name, value = line.split("=", 1)
        assert name.isidentifier(), line
        yield name, value
