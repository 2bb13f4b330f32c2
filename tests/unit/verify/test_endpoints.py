"""Which operation was reached with success, by Schemathesis or by another check, and what is made of failures."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx2
import pytest

from deploy.proof import Proof
from deploy.verify import endpoints
from deploy.verify.app import Asked
from deploy.verify.endpoints import ENDPOINTS
from deploy.verify.openapi import Operation
from deploy.verify.promises import Pass
from deploy.verify.suite import run_suite
from tests.unit.verify.subjects import People, subject

TASK = Operation(method="GET", path="/tasks/{id}", secured=True, takes_json=False, parameters=("id",))
LOGIN = Operation(method="POST", path="/login", secured=False, takes_json=False, parameters=())
RATES = [
    {"GET /tasks/{id}": {"coverage": {"accepted": 1, "rejected": 2}}},
    {"GET /tasks/{id}": {"fuzzing": {"accepted": 1, "rejected": 1}}},
]
GOOD = [Pass(phases=f"phase {number}", code=0, said="", cases=4, rates=rates) for number, rates in enumerate(RATES)]
SAID = "\n=== FAILURES ===\n___ GET /tasks ___\n\n1. Server error\n    curl -X GET http://x/tasks\n"


def rows(rates: Any, *asked: Asked) -> list[dict[str, Any]]:
    return [dict(row) for row in endpoints._rows((TASK, LOGIN), rates, asked, ("/login",))]


def test_calls_and_successes_of_both_are_counted() -> None:
    asked = (
        Asked(method="GET", path="/tasks/17?full=1", status=200),
        Asked(method="GET", path="/tasks/17/notes", status=200),
        Asked(method="DELETE", path="/tasks/17", status=204),
        Asked(method="POST", path="/login", status=401),
    )
    task, login = rows(RATES, *asked)
    assert task == {"operation": "GET /tasks/{id}", "calls": 6, "success": 3, "by": "Schemathesis"}
    assert login == {"operation": "POST /login", "calls": 1, "success": 0, "by": "other checks"}


def test_what_nobody_asked_has_no_success() -> None:
    assert [(row["calls"], row["success"]) for row in rows([])] == [(0, 0), (0, 0)]


def proved(root: Path, monkeypatch: pytest.MonkeyPatch, *passes: Pass) -> Proof:
    """The check, with a Schemathesis that went so."""

    def answer(request: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(200, json={"paths": {"/tasks/{id}": {"get": {}}}})

    monkeypatch.setattr(endpoints, "go_through", lambda *_: passes)
    with subject(root, answer) as looked_at:
        (proof,) = run_suite([ENDPOINTS], looked_at)
    return proof


def test_promises_kept_and_all_reached_is_a_pass(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    proof = proved(tmp_path, monkeypatch, *GOOD)
    assert (proof.verdict, len(proof.tables["endpoints"])) == ("passed", 1)
    assert proof.seen.endswith("in 8 cases")
    assert proof.details[:2] == ("phase 0: 4 cases", "phase 1: 4 cases")


def test_a_broken_promise_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    proof = proved(tmp_path, monkeypatch, GOOD[0], replace(GOOD[1], code=1, said=SAID))
    assert proof.verdict == "failed"
    assert any("curl" in line for line in proof.details)


def test_an_operation_without_success_fails_though_no_promise_was_broken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    proof = proved(tmp_path, monkeypatch, replace(GOOD[0], rates={}))
    assert proof.verdict == "failed"
    assert proof.details[0] == "GET /tasks/{id}: never answered with success"


def test_an_exit_code_without_words_is_a_failure_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert proved(tmp_path, monkeypatch, replace(GOOD[0], code=1)).verdict == "failed"


def test_what_ended_early_fails_though_nothing_was_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    proof = proved(tmp_path, monkeypatch, GOOD[0], replace(GOOD[1], unfinished="max_time"))
    assert (proof.verdict, proof.details[0]) == ("failed", "phase 1: Schemathesis ended early (max_time)")


def test_without_schemathesis_it_is_not_run(tmp_path: Path) -> None:
    app = People()

    def answer(request: httpx2.Request) -> httpx2.Response:
        described: Any = {"paths": {"/tasks/{id}": {"get": {}}}}
        return httpx2.Response(200, json=described) if request.url.path == "/openapi.json" else app(request)

    with subject(tmp_path, answer) as looked_at:
        (proof,) = run_suite([ENDPOINTS], looked_at)
    assert (proof.verdict, proof.seen) == ("not run", "no tools here")
