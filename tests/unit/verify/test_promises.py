"""What is given to Schemathesis, and what its report is taken for."""

from __future__ import annotations

import json
import os
import tomllib
from pathlib import Path
from typing import Any

import pytest

from deploy.secret import Secret
from deploy.verify import promises
from deploy.verify.admission import Admission
from deploy.verify.promises import Pass, go_through, read_report
from deploy.verify.tools import Tools
from tests.unit.verify.subjects import People, subject

SAID = "\n=== FAILURES ===\n___ GET /tasks ___\n\n1. Server error\n    curl -X GET http://x/tasks\n"
RAN, LINKS_MISSING = {"status": "success", "skip_reason": None}, {"status": "skip", "skip_reason": "no links"}
REPORT: dict[str, Any] = {
    "stop_reason": "completed",
    "phases": {"examples": {"status": "skip", "skip_reason": "disabled"}, "fuzzing": RAN, "stateful": RAN},
    "test_cases": {"generated": 17},
    "valid_rates": {"GET /tasks": {"fuzzing": {"accepted": 1}}},
}


def passed(code: int = 0, said: str = "", **changes: Any) -> Pass:
    return read_report({**REPORT, **changes}, "fuzzing,stateful", code, said)


def test_a_report_is_read() -> None:
    whole = passed()
    assert (whole.cases, whole.rates, whole.failures) == (17, REPORT["valid_rates"], ())
    assert whole.summary == ("fuzzing and stateful: 17 cases",)


def test_a_phase_that_was_left_out_is_told() -> None:
    phases = {**REPORT["phases"], "stateful": LINKS_MISSING}
    assert passed(phases=phases).summary == ("fuzzing and stateful: 17 cases", "stateful was left out: no links")
    phases = {**REPORT["phases"], "fuzzing": {"status": "skip", "skip_reason": None}}
    assert passed(phases=phases).summary[1] == "fuzzing was left out: there are none"


def test_failures_are_told_with_what_repeats_them() -> None:
    assert passed(1, SAID).failures == ("___ GET /tasks ___", "1. Server error", "    curl -X GET http://x/tasks")
    assert passed(1, "it could not start\n").failures == ("it could not start",)
    assert passed(1).failures == ("Schemathesis found something and did not say what",)


def test_what_was_cut_short_has_not_found_nothing() -> None:
    assert passed(stop_reason="max_time").failures == ("fuzzing and stateful: Schemathesis ended early (max_time)",)


def test_what_is_no_report_is_an_error() -> None:
    with pytest.raises(LookupError):
        read_report({}, "fuzzing", 0, "")


def test_what_lets_in_to_a_private_space_goes_with_every_request_and_into_no_argument() -> None:
    private = Admission(fields={"Cookie": Secret('spaces-jwt=a.b"c')})
    assert tomllib.loads(promises._headers(private) + promises._CONFIG)["headers"] == {"Cookie": 'spaces-jwt=a.b"c'}
    nobodys = tomllib.loads(promises._headers(Admission()) + promises._CONFIG)
    assert nobodys["headers"] == {}
    assert "auth" not in nobodys
    assert tomllib.loads(promises._CONFIG + promises._PEOPLE)["auth"]["wfc"]["user"] == "owner"


STAND_IN = """#!/bin/sh
for word in "$@"; do
    case $word in --report-json-path=*) printf '%s' "$REPORT" >"${word#*=}" ;; esac
done
find . -name '*.json' -o -name '*.toml' | sort | xargs ls -l
"""


def test_files_with_tokens_are_their_owners_alone(tmp_path: Path) -> None:
    program = tmp_path / "schemathesis"
    program.write_text(STAND_IN)
    program.chmod(0o755)
    report = {**REPORT, "phases": dict.fromkeys(("examples", "coverage", "fuzzing", "stateful"), RAN)}
    environment = {"PATH": os.defpath, "REPORT": json.dumps(report)}
    tools = Tools(python=tmp_path / "python", chromium=None, environment=environment)
    with subject(tmp_path, People(), tools=tools) as looked_at:
        first, _ = go_through(looked_at, ())
    modes = {line.split()[-1]: line.split()[0] for line in first.said.splitlines()}
    assert modes.keys() >= {"./schemathesis.toml", "./users.json"}
    assert {modes["./schemathesis.toml"][:10], modes["./users.json"][:10]} == {"-rw-------"}
