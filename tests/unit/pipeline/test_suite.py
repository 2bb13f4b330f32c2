"""The suite of a container and of the Space: what is in which, what is spared, and that nobody is left behind."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace

import httpx2
import pytest

from deploy.errors import HubRefused
from deploy.pipeline.run import Run
from deploy.pipeline.steps.suite import note_operations, prove_container, prove_space, suite_failure
from deploy.proof import Proof
from deploy.secret import Secret
from deploy.space.model import Memory, Runtime
from deploy.verify.check import Check, Seen
from deploy.verify.everything import FULL_SUITE, Suite
from deploy.verify.subject import Subject, Vitals
from tests.specification import OF_CHECK
from tests.unit.pipeline.builders import TOML, Story
from tests.unit.verify.subjects import NO_TOOLS, People

FULL = f'{TOML}\n[verify]\nsuite = "full"\n'
DESCRIBED: object = {"paths": {"/tasks": {"get": {}, "post": {}}}}

Look = Callable[[Subject], Seen]


class Shown:
    """Checks that a test replaces by name, and what each of them was shown."""

    def __init__(self, app: People) -> None:
        self.app = app
        self.document: object = DESCRIBED
        self.looks: dict[str, Look] = {}
        self.shown: list[tuple[str, Subject]] = []

    def checks(self, *names: str) -> tuple[Check, ...]:
        return tuple(Check(name=name, asked="it holds", run=self._look(name)) for name in names)

    def _look(self, name: str) -> Look:
        def look(subject: Subject) -> Seen:
            self.shown.append((name, subject))
            own = self.looks.get(name)
            return own(subject) if own else Seen(text="it holds")

        return look

    def answer(self, request: httpx2.Request) -> httpx2.Response:
        if request.url.path == "/openapi.json":
            return httpx2.Response(200 if self.document else 404, json=self.document)
        return self.app(request)


@pytest.fixture
def suite(story: Story) -> Shown:
    shown = Shown(People())
    repeatable = shown.checks("crud", "logs")
    story.app, story.tools = shown.answer, NO_TOOLS
    story.suite = Suite(
        repeatable=repeatable, again=repeatable, measured=shown.checks("load"), last=shown.checks("security")
    )
    return shown


@pytest.fixture
def run(story: Story, suite: Shown) -> Run:
    """Of a project that demands the whole suite, whose Space serves what was rehearsed."""
    story.toml = FULL
    run = story.run()
    run.url, run.described = "https://owner-tasks.space.example", ("GET /tasks", "POST /tasks")
    return run


def broken(_: Subject) -> Seen:
    return Seen(text="0 of 1", violations=("it was 500",))


def verdicts(run: Run) -> dict[str, str]:
    return {name: proof.verdict for name, proof in run.proofs.items()}


def container(run: Run) -> tuple[Proof, ...]:
    return prove_container(run, "http://127.0.0.1:1", {"KEY": Secret("stand-in")}, lambda: ["a line"])


def test_all_checks_belong_to_one_task_each_and_come_once() -> None:
    names = [check.name for check in FULL_SUITE.once]
    tasks = [OF_CHECK[name].id for name in names]
    assert len(set(tasks)) == len(names)
    assert set(FULL_SUITE.in_a_container) == {*FULL_SUITE.repeatable, *FULL_SUITE.last}


# The container -------------------------------------------------------------------------------------------


def test_a_container_is_shown_stand_ins_and_its_own_log(run: Run, suite: Shown) -> None:
    container(run)
    [subject] = [subject for name, subject in suite.shown if name == "crud"]
    assert subject.place == "container"
    assert subject.hidden["KEY"].reveal() == "stand-in"
    assert subject.run_log is not None
    assert list(subject.run_log()) == ["a line"]
    assert subject.restart is None
    assert verdicts(run) == dict.fromkeys(("crud", "logs", "security"), "passed")


def test_what_the_container_describes_is_kept_for_the_space(run: Run, suite: Shown) -> None:
    run = replace(run, described=())
    container(run)
    assert list(run.described) == ["GET /tasks", "POST /tasks"]


def test_an_app_that_describes_nothing_can_be_rehearsed_too(run: Run, suite: Shown) -> None:
    suite.document, run = None, replace(run, described=())
    assert [proof.verdict for proof in container(run)] == ["passed"] * 3
    assert list(run.described) == []


@pytest.mark.parametrize(
    ("document", "note", "found"),
    [
        (DESCRIBED, "passed before; 2 operations to compare the Space with", ["GET /tasks", "POST /tasks"]),
        (None, "the app describes no operations: GET /openapi.json is 404", []),
    ],
)
def test_of_an_image_that_passed_before_the_operations_are_noted(
    run: Run, suite: Shown, document: object, note: str, found: list[str]
) -> None:
    suite.document, run = document, replace(run, described=())
    note_operations(run, "http://127.0.0.1:1")
    assert list(run.described) == found
    assert [(step.outcome, step.note) for step in run.console.steps] == [("skipped", note)]
    assert suite.shown == []


# The Space -----------------------------------------------------------------------------------------------


def test_a_space_that_passes_leaves_nothing_to_say(run: Run, suite: Shown) -> None:
    run.target = replace(run.target, protected=True)
    assert suite_failure(run) is None


def test_a_project_that_wants_no_more_than_serving_is_not_gone_through(story: Story, suite: Shown) -> None:
    assert suite_failure(story.run()) is None
    assert suite.shown == []


def test_visitors_of_a_protected_target_are_spared(run: Run, suite: Shown) -> None:
    run.target = replace(run.target, protected=True)
    prove_space(run)
    assert {name for name, _ in suite.shown} == {"crud", "logs", "security"}
    assert verdicts(run)["load"] == verdicts(run)["stable"] == "not run"
    assert "--yes" in run.proofs["load"].seen


def test_the_load_of_a_deploy_waits_for_no_other_machine(story: Story, suite: Shown) -> None:
    story.toml = f"{FULL}[load]\nmachines = 3\nprocesses = 2\n"
    run = story.run()
    run.url = "https://owner-tasks.space.example"
    prove_space(run)
    [load] = [subject.load for name, subject in suite.shown if name == "load"]
    assert (load.machines, load.processes) == (0, 2)


def test_a_check_that_fails_is_a_failure_with_its_violations(run: Run, suite: Shown) -> None:
    run.target = replace(run.target, protected=True)
    suite.looks["crud"] = broken
    failure = suite_failure(run)
    assert failure is not None
    assert failure.what == "1 check of the suite failed."
    assert any("it was 500" in line for line in failure.details)
    assert verdicts(run)["crud"] == "failed"


def test_a_space_that_lost_an_operation_fails(run: Run, suite: Shown) -> None:
    run.target = replace(run.target, protected=True)
    suite.document = {"paths": {"/tasks": {"get": {}}}}
    prove_space(run)
    assert (verdicts(run)["production build"], run.proofs["production build"].seen) == (
        "failed",
        "lacking: POST /tasks",
    )


def test_a_space_that_describes_nothing_any_more_fails(run: Run, suite: Shown) -> None:
    run.target = replace(run.target, protected=True)
    suite.document = None
    prove_space(run)
    assert verdicts(run)["production build"] == "failed"


def prove_with_an_account(run: Run, suite: Shown, error: type[BaseException] | None) -> None:
    """A check registers an account, and then `error` ends the suite if there is one."""

    def register(subject: Subject) -> Seen:
        subject.accounts.owner()
        assert suite.app.users
        if error:
            raise error
        return Seen(text="")

    suite.looks["crud"] = register
    with pytest.raises(error) if error else nullcontext():
        prove_space(run)


@pytest.mark.parametrize("error", [KeyboardInterrupt, None])
def test_accounts_are_deleted_whatever_happens(run: Run, suite: Shown, error: type[BaseException] | None) -> None:
    run.target = replace(run.target, protected=True)
    prove_with_an_account(run, suite, error)
    assert suite.app.users == {}
    assert ("POST", "/api/v1/auth/me/delete") in suite.app.asked


@pytest.mark.parametrize("error", [KeyboardInterrupt, None])
def test_accounts_that_cannot_be_deleted_are_told(
    run: Run, suite: Shown, story: Story, error: type[BaseException] | None
) -> None:
    run.target = replace(run.target, protected=True)
    suite.app.refused["/api/v1/auth/me/delete"] = [httpx2.Response(500)] * 2
    prove_with_an_account(run, suite, error)
    [name] = suite.app.users
    told = " ".join(story.recorded.out.getvalue().split())
    assert f"1 account of the checks could not be deleted from {run.url}: {name}. " in told


def test_when_all_are_deleted_nothing_is_said_of_accounts(run: Run, suite: Shown, story: Story) -> None:
    suite.looks["crud"] = lambda subject: Seen(text=subject.accounts.owner().account.username)
    run.target = replace(run.target, protected=True)
    prove_space(run)
    assert "could not be deleted" not in story.recorded.out.getvalue()


# What the Hub tells of it --------------------------------------------------------------------------------


def looked_at(run: Run, suite: Shown) -> Subject:
    run.target = replace(run.target, protected=True)
    prove_space(run)
    return suite.shown[0][1]


def test_a_space_is_shown_with_its_stage_and_its_memory(run: Run, suite: Shown, story: Story) -> None:
    story.hub.land({})
    subject = looked_at(run, suite)
    assert subject.vitals is not None
    assert subject.vitals() == Vitals(stage="RUNNING", memory_used=96 * 1024**2, memory_total=16 * 1024**3)
    story.hub.stages = [Runtime(stage="RUNTIME_ERROR", error_message="Memory limit exceeded (16Gi)")]
    assert subject.vitals().trouble == "Memory limit exceeded (16Gi)"


def test_a_hub_that_does_not_tell_the_memory_is_no_failure(run: Run, suite: Shown, story: Story) -> None:
    story.hub.land({})
    story.hub.fail("memory", HubRefused("The Hub refused the request (501).", details=("the hub says: not told",)))
    subject = looked_at(run, suite)
    assert subject.vitals is not None
    assert subject.vitals().memory_unknown == "The Hub refused the request (501). the hub says: not told"


def test_an_app_that_dies_while_its_memory_is_asked_for_is_told_to_be_dead(
    run: Run, suite: Shown, story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    def memory() -> Memory:
        story.hub.stages = [Runtime(stage="RUNTIME_ERROR", error_message="Memory limit exceeded (16Gi)")]
        raise HubRefused("No app of this Space runs.")

    story.hub.land({})
    subject = looked_at(run, suite)
    assert subject.vitals is not None
    monkeypatch.setattr(story.hub, "memory", memory)
    seen = subject.vitals()
    assert (seen.stage, seen.trouble) == ("RUNTIME_ERROR", "Memory limit exceeded (16Gi)")


def test_a_private_space_is_looked_at_with_a_pass_that_is_told_to_nobody(run: Run, suite: Shown, story: Story) -> None:
    looked_at(run, suite)
    assert story.viewers[-1] is None
    run.target = replace(run.target, visibility="private")
    looked_at(run, suite)
    viewer = story.viewers[-1]
    assert viewer is not None
    assert viewer.sign is not None
    viewer.hide(viewer.sign())
    assert run.console.redact("?__sign=pass.of.owner") == "?__sign=[REDACTED]"
