"""Which operation was reached with success, by Schemathesis or by another check, and what it says of failures."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import httpx2
import pytest

from deploy.proof import Proof
from deploy.secret import Secret
from deploy.verify import endpoints
from deploy.verify.admission import Admission
from deploy.verify.app import Asked
from deploy.verify.endpoints import ENDPOINTS
from deploy.verify.openapi import Operation
from deploy.verify.suite import run_suite
from tests.unit.verify.subjects import People, subject

TASK = Operation(method="GET", path="/tasks/{id}", secured=True, takes_json=False, parameters=("id",))
LOGIN = Operation(method="POST", path="/login", secured=False, takes_json=False, parameters=())
RATES = [
    {"GET /tasks/{id}": {"coverage": {"accepted": 1, "rejected": 2}}},
    {"GET /tasks/{id}": {"fuzzing": {"accepted": 1, "rejected": 1}}},
]
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


def test_failures_are_told_with_what_repeats_them() -> None:
    assert endpoints._failures(SAID) == ["___ GET /tasks ___", "1. Server error", "    curl -X GET http://x/tasks"]
    assert endpoints._failures("it could not start\n") == ["it could not start"]


def proved(root: Path, monkeypatch: pytest.MonkeyPatch, code: int, said: str, rates: Any) -> Proof:
    """The check, with a Schemathesis that said that."""

    def answer(request: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(200, json={"paths": {"/tasks/{id}": {"get": {}}}})

    monkeypatch.setattr(endpoints, "_go_through", lambda *_: (code, said, rates))
    with subject(root, answer) as looked_at:
        (proof,) = run_suite([ENDPOINTS], looked_at)
    return proof


def test_promises_kept_and_all_reached_is_a_pass(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    proof = proved(tmp_path, monkeypatch, 0, "", RATES)
    assert (proof.verdict, len(proof.tables["endpoints"])) == ("passed", 1)


def test_a_broken_promise_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    proof = proved(tmp_path, monkeypatch, 1, SAID, RATES)
    assert proof.verdict == "failed"
    assert any("curl" in line for line in proof.details)


def test_an_operation_without_success_fails_though_no_promise_was_broken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    proof = proved(tmp_path, monkeypatch, 0, "", [])
    assert proof.verdict == "failed"
    assert proof.details[0] == "GET /tasks/{id}: never answered with success"


def test_an_exit_code_without_words_is_a_failure_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert proved(tmp_path, monkeypatch, 1, "", RATES).verdict == "failed"


def test_without_schemathesis_it_is_not_run(tmp_path: Path) -> None:
    app = People()

    def answer(request: httpx2.Request) -> httpx2.Response:
        described: Any = {"paths": {"/tasks/{id}": {"get": {}}}}
        return httpx2.Response(200, json=described) if request.url.path == "/openapi.json" else app(request)

    with subject(tmp_path, answer) as looked_at:
        (proof,) = run_suite([ENDPOINTS], looked_at)
    assert (proof.verdict, proof.seen) == ("not run", "no tools here")


def test_what_lets_in_to_a_private_space_goes_with_every_request_and_into_no_argument() -> None:
    private = Admission(fields={"Cookie": Secret('spaces-jwt=a.b"c')})
    assert tomllib.loads(endpoints._headers(private) + endpoints._CONFIG)["headers"] == {"Cookie": 'spaces-jwt=a.b"c'}
    assert tomllib.loads(endpoints._headers(Admission()) + endpoints._CONFIG)["headers"] == {}


def test_files_with_tokens_are_their_owners_alone(tmp_path: Path) -> None:
    endpoints._keep(tmp_path / "users.json", "{}")
    assert (tmp_path / "users.json").stat().st_mode & 0o777 == 0o600
