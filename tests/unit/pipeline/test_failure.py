"""Why a release does not serve is said with what its own logs give away."""

from __future__ import annotations

import string

import pytest

from deploy.errors import HubUnreachable
from deploy.pipeline.failure import Failure, from_checks, from_stage
from deploy.proof import Proof
from deploy.space.model import Runtime
from tests.unit.space.memory_hub import MemoryHub

COMMIT = "a" * 40


def failed(stage: str, *, said: str | None = None, build: str = "", run: str = "") -> Failure:
    hub = MemoryHub(log={"build": build.splitlines(), "run": run.splitlines()})
    runtime = Runtime(stage=stage, sha=COMMIT, error_message=said)
    return from_stage(hub.client, COMMIT, runtime)


def check(name: str) -> Proof:
    return Proof(check=name, verdict="failed", asked=f"{name} is 200", seen="500", seconds=0.1)


@pytest.mark.parametrize(
    ("stage", "what"),
    {
        "BUILD_ERROR": "The image did not build on the Hub",
        "RUNTIME_ERROR": "The app did not start on the Hub",
        "CONFIG_ERROR": "The Hub does not accept the Space's card or its settings",
        "NO_APP_FILE": "The Hub finds no Dockerfile",
        "PAUSED": "The Space does not serve",
    }.items(),
)
def test_each_stage_is_a_sentence(stage: str, what: str) -> None:
    assert failed(stage).what == f"{what} (commit aaaaaaaaaaaa, stage {stage})."


@pytest.mark.parametrize(("stage", "kind"), [("BUILD_ERROR", "build"), ("RUNTIME_ERROR", "run")])
def test_the_log_that_matters_is_shown_by_its_end(stage: str, kind: str) -> None:
    lines = [letter * 3 for letter in string.ascii_letters]
    log = "\n\n".join(lines) + "\n  \n"
    found = failed(stage, build=log if kind == "build" else "", run=log if kind == "run" else "")
    assert found.details == (f"the end of the {kind} log:", *lines[-15:])


def test_a_known_failure_is_the_cause_with_evidence_and_cure() -> None:
    found = failed("RUNTIME_ERROR", said="Exit code 1", run="Traceback\nModuleNotFoundError: No module named 'jwt'\n")
    assert found.cause is not None
    assert "the module jwt is not there" in found.cause
    evidence, cure, *_ = found.details
    assert evidence == "evidence: ModuleNotFoundError: No module named 'jwt'"
    assert cure.startswith("cure:     add the package to requirements.in and run `invoke lock`")


def test_a_known_failure_is_also_found_in_the_hubs_own_words() -> None:
    found = failed("RUNTIME_ERROR", said="Exit code: 1. Reason:\nRuntimeError: JWT_KEY_A is not set\n")
    assert found.cause == "the environment variable JWT_KEY_A is not set"


def test_what_only_the_hub_knows_is_no_error_of_the_log() -> None:
    found = failed("RUNTIME_ERROR", said="Memory limit exceeded (16Gi)", run="ValueError: of yesterday")
    assert "more memory" in str(found.cause)


def test_a_build_on_the_hub_has_other_laws_than_a_run() -> None:
    log = "RuntimeError: WEIGHTS_TOKEN must be set"
    assert "of this RUN" in str(failed("BUILD_ERROR", build=log).cause)
    assert failed("RUNTIME_ERROR", run=log).cause == "the environment variable WEIGHTS_TOKEN is not set"


def test_an_unknown_failure_is_the_last_error_of_the_log() -> None:
    log = "Traceback (most recent call last):\nValueError: first\n  File x\nmypackage.errors.OddError: second\nbye\n"
    assert failed("RUNTIME_ERROR", said="Exit code 1", run=log).cause == "mypackage.errors.OddError: second"


def test_without_an_error_in_the_log_the_hubs_words_are_the_cause() -> None:
    assert failed("BUILD_ERROR", said="Job failed\nwith exit code: 1", build="step 1\n").cause == (
        "Job failed with exit code: 1"
    )
    assert failed("BUILD_ERROR", build="step 1\n").cause is None
    assert len(failed("BUILD_ERROR", said="x" * 999).cause or "") == 300


def test_a_log_that_cannot_be_read_hides_nothing_else() -> None:
    hub = MemoryHub()
    hub.fail("logs", HubUnreachable("cut"))
    found = from_stage(hub.client, COMMIT, Runtime(stage="BUILD_ERROR", error_message="why"))
    assert found.cause == "why"
    assert found.details == ("the end of the build log:", "(the build log could not be read: cut)")


def test_failed_checks_are_listed_and_the_first_is_the_cause() -> None:
    hub = MemoryHub(log={"run": ["INFO: started"]})
    found = from_checks(hub.client, (check("GET /"), check("revision")))
    assert found.what == "2 checks of the running app failed."
    assert found.cause == "GET /: GET / is 200; seen: 500"
    assert found.details == (
        "GET /: GET / is 200; seen: 500",
        "revision: revision is 200; seen: 500",
        "the end of the run log:",
        "INFO: started",
    )


def test_requests_of_the_checks_do_not_push_the_reason_out_of_sight() -> None:
    asked = [f'INFO: 10.0.0.1:{port} - "GET /health HTTP/1.1" 503' for port in range(40_000, 40_060)]
    hub = MemoryHub(log={"run": ["no database there", *asked]})
    found = from_checks(hub.client, (check("GET /"),))
    assert found.details[1:] == ("the end of the run log:", "no database there", asked[0], "… 59 more lines like it")


def test_a_failed_check_is_explained_by_the_apps_log() -> None:
    hub = MemoryHub(log={"run": ["sqlalchemy.exc.OperationalError: unable to open database file"]})
    assert "uid 1000" in str(from_checks(hub.client, (check("GET /"),)).cause)


def test_an_app_that_was_heard_is_not_said_to_hide() -> None:
    hub = MemoryHub(log={"run": ["INFO: Uvicorn running on http://127.0.0.1:7860"]})
    assert from_checks(hub.client, (check("GET /"),)).cause == "GET /: GET / is 200; seen: 500"
    silent = Proof(check="health", verdict="failed", asked="GET /health", seen="no answer (refused)", seconds=1)
    assert "loopback" in str(from_checks(hub.client, (silent,)).cause)
