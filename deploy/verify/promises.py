"""What an API's own document promises, put to the test by Schemathesis in a process of its own."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deploy.atomic import write_whole
from deploy.command import Command, run
from deploy.errors import CommandFailed
from deploy.proof import NotRun
from deploy.verify.accounts import UserSession
from deploy.verify.admission import Admission
from deploy.verify.openapi import PATH
from deploy.verify.subject import Subject
from deploy.verify.visitor import owner, stranger

Rates = Mapping[str, Mapping[str, Mapping[str, int]]]
"""How often an operation accepted and rejected what it was sent: by operation, phase and outcome."""

SEED = 20261122
EXAMPLES = 20
"""Cases for each operation, and sequences of them, in the phases that make them up. By count and not by time, so that
the same seed makes the same requests on every machine."""
PATIENCE = 240.0
"""Seconds after which the tool is stopped."""

_FIXED, _MADE_UP = "examples,coverage", "fuzzing,stateful"


@dataclass(frozen=True, kw_only=True)
class Pass:
    """Some phases of Schemathesis: its exit code, what it `said`, and what its report tells.

    `left_out` has a line for each phase that was not gone through, `unfinished` says why the whole ended early.
    """

    phases: str
    code: int
    said: str
    cases: int
    rates: Rates
    left_out: tuple[str, ...] = ()
    unfinished: str = ""

    @property
    def failures(self) -> tuple[str, ...]:
        """The part of the output that tells what failed, each with a command that repeats it."""
        if self.unfinished:
            return (f"{self.phases}: Schemathesis ended early ({self.unfinished})",)
        if not self.code:
            return ()
        _, marker, failures = self.said.partition(" FAILURES ")
        lines = (failures if marker else self.said).splitlines()
        named = tuple(line for line in lines if line.strip("=_ "))[:200]
        return named or ("Schemathesis found something and did not say what",)

    @property
    def summary(self) -> tuple[str, ...]:
        return (f"{self.phases}: {self.cases} cases", *self.left_out)


def go_through(subject: Subject, elsewhere: Sequence[str]) -> tuple[Pass, ...]:
    """Every operation but the paths that are asked `elsewhere`, by two people who must not see each other's things; in
    an app without logins, by whoever comes.

    The stream of events is asked in the phases whose cases are known beforehand: each case that is made up would
    wait for an event that nobody causes. Raises NotRun without the tool, or when nobody can log in.
    """
    if subject.tools.python is None:
        raise NotRun(subject.tools.missing)
    silent = filter(None, (subject.scenario.events,))
    with tempfile.TemporaryDirectory(prefix="spacewright-endpoints-") as name:
        folder = Path(name)
        config = _headers(subject.site.admission) + _CONFIG
        if subject.scenario.login:
            config += _PEOPLE
            users = [_user(name, who(subject).session) for name, who in (("owner", owner), ("stranger", stranger))]
            write_whole(folder / "users.json", json.dumps({"auth": users}))
        write_whole(folder / "schemathesis.toml", config)
        return tuple(
            _pass(subject, folder, phases, [*elsewhere, *more]) for phases, more in ((_FIXED, ()), (_MADE_UP, silent))
        )


def _pass(subject: Subject, folder: Path, phases: str, left_alone: Sequence[str]) -> Pass:
    assert subject.tools.python is not None
    report = folder / "report.json"
    report.unlink(missing_ok=True)
    argv = (
        *(str(subject.tools.python.with_name("schemathesis")), "--no-color", "run", subject.site.url + PATH),
        *(f"--seed={SEED}", f"--max-examples={EXAMPLES}", f"--phases={phases}", f"--report-json-path={report}"),
        *(f"--exclude-path={path}" for path in left_alone),
    )
    env = {**subject.tools.environment, "COLUMNS": "160"}
    command = Command(argv=argv, cwd=folder, env=env, timeout=PATIENCE)
    result = run(command, check=False, stop=subject.tools.stop)
    if not report.exists():
        raise CommandFailed("Schemathesis wrote no report.", details=result.tail)
    return read_report(json.loads(report.read_text(encoding="utf-8")), phases, result.code, result.output)


def read_report(report: Mapping[str, Any], phases: str, code: int, said: str) -> Pass:
    """Of Schemathesis' report in JSON. Raises LookupError when it is none."""
    asked = {name: report["phases"][name] for name in phases.split(",")}
    skipped = {name: one["skip_reason"] or "there are none" for name, one in asked.items() if one["status"] == "skip"}
    return Pass(
        phases=phases.replace(",", " and "),
        code=code,
        said=said,
        cases=report["test_cases"]["generated"],
        rates=report["valid_rates"],
        left_out=tuple(f"{name} was left out: {why}" for name, why in skipped.items()),
        unfinished="" if report["stop_reason"] == "completed" else str(report["stop_reason"]),
    )


_CONFIG = """\
workers = 1
request-timeout = 20
max-stream-events = 1
continue-on-failure = true

[generation]
database = "none"

[checks.positive_data_acceptance]
expected-statuses = ["2xx", "3xx", "401", "403", "404", "409", "412", "422", "429"]
"""
"""A precondition (412) depends on what is there, as a conflict (409) does, and no schema can say which texts are
cursors (422): that an operation takes what is valid is seen by its success. No 5xx, which no check may excuse."""


_PEOPLE = """
[auth.wfc]
path = "users.json"
user = "owner"
peers = ["owner", "stranger"]
"""


def _user(name: str, session: UserSession) -> dict[str, Any]:
    """A person whose token is known (Web Fuzzing Commons)."""
    return {"name": name, "fixedHeaders": [{"name": key, "value": value} for key, value in session.bearer.items()]}


def _headers(admission: Admission) -> str:
    """Of all requests, those without a login too: what a private Space lets its visitors in by. TOML takes JSON's
    strings."""
    pairs = (f"{name} = {json.dumps(value)}" for name, value in admission.headers.items())
    return f"headers = {{ {', '.join(pairs)} }}\n"
