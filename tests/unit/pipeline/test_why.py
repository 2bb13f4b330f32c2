"""Why a Space does not serve: whose fault it is, the cause, and what to do, in five lines."""

from __future__ import annotations

import httpx2
import pytest

from deploy.errors import ConfigError, NotAllowed, SpaceNotFound
from deploy.known_failures.platform import platform_message
from deploy.pipeline.commands.why import Answer, why
from deploy.space.model import Runtime
from deploy.tasks.base import Session
from deploy.tasks.connection import about
from tests.unit.pipeline.builders import Story

CARD = b"---\nsdk: docker\napp_port: 8000\n---\n"


def told(story: Story, stage: str, said: str | None = None, *log: str, **files: bytes) -> Answer:
    """What is told of a Space in that stage, of which the Hub says that, with that log."""
    story.hub.land({"Dockerfile": b"FROM scratch", **{name.replace("__", "."): data for name, data in files.items()}})
    story.hub.stages = [Runtime(stage=stage, error_message=said)]
    story.hub.log = {"run": log, "build": log}
    return why(story.run())


@pytest.mark.parametrize(
    ("said", "fault"),
    [
        ("Scheduling failure: unable to schedule", "the platform"),
        ("Scheduling failure: not enough hardware capacity", "the platform"),
        ("Exit code: 128. Reason: failed to create containerd task: context deadline exceeded", "the platform"),
        (
            "Exit code: 128. Reason: failed to create containerd task: OCI runtime: serve: executable file not found",
            "you",
        ),
        ("failed to push spaces-registry.example: 401 Unauthorized", "the platform"),
        ("Unexpected job error", "the platform"),
        ("Flagged as abusive", "the account"),
        ("Repository storage limit reached (Max: 1 GB)", "the plan"),
        ("Memory limit exceeded (16Gi)", "you"),
        ("Collision on variables and secrets names", "you"),
        ("No @spaces.GPU function detected during startup", "you"),
    ],
)
def test_what_the_hub_says_tells_whose_fault_it_is(story: Story, said: str, fault: str) -> None:
    answer = told(story, "RUNTIME_ERROR", said)
    assert (answer.fault, answer.serves) == (fault, False)
    assert said[:60] in answer.cause
    assert answer.next_step


def test_what_an_app_alone_says_is_no_message_of_the_platform() -> None:
    assert platform_message("Exit code: 1. Reason: ModuleNotFoundError: No module named 'orders'") is None


@pytest.mark.parametrize(("stage", "module"), [("BUILD_ERROR", "built"), ("RUNTIME_ERROR", "started")])
def test_a_failed_build_is_told_by_its_own_log(story: Story, stage: str, module: str) -> None:
    story.hub.land({"Dockerfile": b"FROM scratch"})
    story.hub.stages = [Runtime(stage=stage, error_message="Exit code: 1")]
    logs = {"build": "built", "run": "started"}
    story.hub.log = {kind: [f"ModuleNotFoundError: No module named '{name}'"] for kind, name in logs.items()}
    assert why(story.run()).cause.startswith(f"the module {module} is not there")


def test_an_app_that_says_nothing_does_not_serve(story: Story) -> None:
    def silent(request: httpx2.Request) -> httpx2.Response:
        raise httpx2.ConnectError("refused", request=request)

    story.app = silent
    answer = told(story, "RUNNING")
    assert (answer.fault, answer.serves) == ("you", False)
    assert answer.next_step == "mend what the end of its log shows: invoke logs"


def test_an_app_that_ends_is_told_by_its_log(story: Story) -> None:
    answer = told(story, "RUNTIME_ERROR", "Exit code: 1", "ModuleNotFoundError: No module named 'orders'")
    assert answer.fault == "you"
    assert answer.cause.startswith("the module orders is not there")
    assert answer.log == ("ModuleNotFoundError: No module named 'orders'",)
    assert [line.split()[0] for line in answer.text().splitlines()] == ["space", "stage", "fault", "cause", "next"]


def test_a_log_that_only_its_owners_see_is_said(story: Story) -> None:
    story.hub.fail("logs", NotAllowed("This token may not read the log."))
    answer = told(story, "BUILD_ERROR", "Job failed with exit code: 1")
    assert answer.cause == "Job failed with exit code: 1; its log cannot be read: This token may not read the log."
    assert answer.log == ()


@pytest.mark.parametrize(
    ("line", "cause"),
    [
        (
            "INFO: Uvicorn running on http://127.0.0.1:8000",
            "the app listens on 127.0.0.1, where the Hub cannot reach it",
        ),
        ("Listening on http://0.0.0.0:3000", "the app listens on port 3000, and the Hub asks on 8000"),
        ("still loading", "the Hub asked on port 8000 (`app_port` of its card) and nothing answered in time"),
    ],
)
def test_an_app_that_nobody_can_reach_is_told_by_card_and_log(story: Story, line: str, cause: str) -> None:
    said = "Launch timed out, workload was not healthy after 30 min"
    answer = told(story, "RUNTIME_ERROR", said, line, README__md=CARD)
    assert answer.fault == "you"
    assert answer.cause.startswith(cause)


@pytest.mark.parametrize("stage", ["BUILDING", "APP_STARTING", "PAUSED", "SLEEPING", "STOPPED"])
def test_what_is_no_failure_is_nobodys_fault(story: Story, stage: str) -> None:
    answer = told(story, stage)
    assert (answer.fault, answer.serves) == ("nobody", False)
    assert answer.cause
    assert answer.next_step


@pytest.mark.parametrize(
    ("status", "fault", "cause"),
    [(404, "nobody", "it serves: "), (200, "nobody", "it serves: "), (500, "you", "it runs, and ")],
)
def test_an_app_that_runs_is_asked(story: Story, status: int, fault: str, cause: str) -> None:
    story.app = lambda _: httpx2.Response(status)
    answer = told(story, "RUNNING")
    assert (answer.fault, answer.serves) == (fault, status != 500)
    assert answer.cause.startswith(cause)


def test_a_space_that_is_not_there_is_named(story: Story) -> None:
    with pytest.raises(SpaceNotFound, match="There is no Space owner/tasks"):
        why(story.run())


def test_another_space_on_the_hub_of_the_target_is_looked_at(story: Story) -> None:
    session = Session(config=story.config, target=story.config.target(), console=story.recorded.console, env={})
    assert about(session, "") is session
    other = about(session, "somebody/shop.v2").target
    assert (other.space, other.hub) == ("somebody/shop.v2", session.target.hub)
    with pytest.raises(ConfigError, match="'shop' is no Space"):
        about(session, "shop")
