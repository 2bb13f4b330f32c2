"""What the check of logs and metrics says that it saw, and what it says that it did not see."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx2
import pytest

from deploy.proof import Proof
from deploy.secret import Secret
from deploy.verify.admission import Admission
from deploy.verify.logs import LOGS
from deploy.verify.suite import run_suite
from tests.unit.verify.subjects import subject

TOKEN = "opens the metrics"


class Monitored:
    """An app that logs each request and counts them, unless told otherwise."""

    def __init__(self, *, counts: bool = True, silent_of: str = "") -> None:
        self.counts = counts
        self.silent_of = silent_of
        self.requests = 0
        self.log: list[str] = []

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        self.requests += self.counts
        if request.url.path == "/metrics":
            if request.headers.get("Authorization") != f"Bearer {TOKEN}":
                return httpx2.Response(401)
            return httpx2.Response(200, text=f'http_requests_total{{route="/"}} {self.requests}\n')
        if request.url.path == "/health":
            return httpx2.Response(200)
        line = {"request_id": "r1", "status": 404, "method": "GET", "route": "none", "duration_ms": 1}
        line.pop(self.silent_of, None)
        self.log.append(json.dumps(line))
        return httpx2.Response(404, json={"request_id": "r1"})


def judged(root: Path, app: Monitored, *, toml: str = "", obstacle: str = "", **hidden: Secret) -> Proof:
    changes: dict[str, Any] = {"run_log": lambda: app.log, "hidden": hidden}
    with subject(root, app, toml=toml, **changes) as looked_at:
        looked_at.site.admission = Admission(obstacle=obstacle)
        (proof,) = run_suite([LOGS], looked_at)
    return proof


def test_with_the_token_requests_are_counted(tmp_path: Path) -> None:
    proof = judged(tmp_path, Monitored(), METRICS_TOKEN=Secret(TOKEN))
    assert (proof.verdict, proof.details) == ("passed", ())
    assert proof.seen.endswith("expectations of log and metrics held")


@pytest.mark.parametrize("name", ["method", "route", "duration_ms"])
def test_what_a_line_does_not_tell_of_its_request_is_named(name: str, tmp_path: Path) -> None:
    proof = judged(tmp_path, Monitored(silent_of=name), METRICS_TOKEN=Secret(TOKEN))
    assert proof.details == (f"the log does not tell the {name} of a request",)


def test_a_project_names_the_fields_of_its_own_lines(tmp_path: Path) -> None:
    proof = judged(tmp_path, Monitored(), toml="[scenario]\nmetrics = ''\nlog = ['method', 'verb']")
    assert proof.details[0] == "the log does not tell the verb of a request"


def test_metrics_that_count_nothing_fail(tmp_path: Path) -> None:
    proof = judged(tmp_path, Monitored(counts=False), METRICS_TOKEN=Secret(TOKEN))
    assert proof.details == ("GET /metrics does not count requests",)


@pytest.mark.parametrize(
    ("toml", "obstacle", "unseen"),
    [
        ("", "", "requests in the metrics were not counted: METRICS_TOKEN is not known here"),
        ('[scenario]\nmetrics = ""', "", "metrics were not looked at: the scenario names none"),
    ],
)
def test_what_was_not_counted_is_said(toml: str, obstacle: str, unseen: str, tmp_path: Path) -> None:
    proof = judged(tmp_path, Monitored(), toml=toml, obstacle=obstacle)
    assert (proof.verdict, proof.details) == ("passed", (unseen,))
    assert proof.seen.endswith(f"; {unseen}")


def test_whose_header_is_taken_cannot_show_the_token(tmp_path: Path) -> None:
    proof = judged(tmp_path, Monitored(counts=False), obstacle="the header is taken", METRICS_TOKEN=Secret(TOKEN))
    assert (proof.verdict, proof.details) == (
        "passed",
        ("requests in the metrics were not counted: the header is taken",),
    )
