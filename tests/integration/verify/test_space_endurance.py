"""An app that takes more memory than its Space has, on a local Hub, judged as a deploy judges it (T030)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.pipeline.run import Run
from deploy.pipeline.steps.suite import suite_failure
from deploy.proof import Proof
from deploy.verify.check import Assertions, Check, Seen
from deploy.verify.everything import Suite
from deploy.verify.subject import Subject
from tests.integration.hub_fixtures import README, Hub, HubRuntime, running_hub
from tests.integration.verify.spaces import publish, run_against
from tests.specification import OF_CHECK

GIVEN = 150_000_000
"""Bytes: enough for all visits of one run, and not for those of two."""
VISITS = 10
TOML = '[app]\nhealth = "/health"\nversion = ""\n[verify]\nsuite = "full"\n'
DOCKERFILE = b'FROM python:3.13-slim\nWORKDIR /app\nCOPY main.py .\nUSER 1000\nCMD ["python", "main.py"]\n'
APP = """
import os
from http.server import BaseHTTPRequestHandler, HTTPServer

KEPT = []

class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/visit":
            KEPT.append(b"x" * LEAK)
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

HTTPServer(("0.0.0.0", int(os.environ.get("PORT", "7860"))), Handler).serve_forever()
"""


@pytest.fixture(scope="module", params=["process", "docker"])
def hub(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    if request.param == "docker":
        request.getfixturevalue("docker")
    kind: HubRuntime = request.param
    with running_hub(tmp_path_factory.mktemp("endurance") / "home", kind) as hub:
        yield hub
        hub.clear()


def visit(subject: Subject) -> Seen:
    assertions = Assertions()
    for _ in range(VISITS):
        assertions.status("GET /visit", subject.site.ask("/visit"), (200,))
    return assertions.seen("visits went well")


VISITS_ALONE = (Check(name="crud", asked="visits go well", run=visit),)


def served(hub: Hub, root: Path, name: str, leak: int) -> Run:
    space = f"local/{name}"
    files = {"README.md": README, "Dockerfile": DOCKERFILE, "main.py": f"LEAK = {leak}\n{APP}".encode()}
    publish(hub, space, files)
    hub.fault(space=space, name="little_memory", value=GIVEN)
    hub.api().restart_space(space)
    hub.api().wait_for_space(space, timeout=60, poll_interval=0.05)
    (root / "backend").mkdir()
    run = run_against(hub, root, TOML, space)
    run.suite = Suite(repeatable=VISITS_ALONE, again=VISITS_ALONE, measured=(), last=())
    return run


def red(run: Run) -> set[str]:
    return {OF_CHECK[proof.check].id for proof in run.proofs.values() if proof.verdict == "failed"}


def test_an_app_within_its_memory_is_stable_and_what_it_takes_is_told(hub: Hub, tmp_path: Path) -> None:
    run = served(hub, tmp_path, "modest", 1_000)
    assert suite_failure(run) is None
    proof: Proof = run.proofs["stable"]
    assert proof.details == ()
    assert proof.figures["memory_limit_MiB"] == round(GIVEN / 1024**2, 1)
    assert 1 < proof.figures["memory_after_MiB"] < 100


def test_an_app_that_leaks_past_its_memory_turns_exactly_that_task_red(hub: Hub, tmp_path: Path) -> None:
    run = served(hub, tmp_path, "leaking", 9_000_000)
    failure = suite_failure(run)
    assert failure is not None
    assert red(run) == {"T030"}
    told = "\n".join(run.proofs["stable"].details)
    limit = "Memory limit exceeded (143Mi)" in told
    assert limit or "MiB of memory are used before the restart, the hardware has 143 MiB" in told
