"""T016: every endpoint is reachable and keeps what the deployment's own OpenAPI document promises."""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from deploy.command import Command, Result, run
from deploy.errors import CommandFailed
from deploy.proof import Cell, NotRun
from deploy.verify.accounts import Session
from deploy.verify.admission import Admission
from deploy.verify.app import Asked
from deploy.verify.check import Check, Seen
from deploy.verify.openapi import PATH, Operation, read_operations
from deploy.verify.subject import Subject
from deploy.verify.visitor import owner, stranger

Rates = Mapping[str, Mapping[str, Mapping[str, int]]]
"""How often an operation accepted and rejected what it was sent: by operation, phase and outcome."""

SEED = 20261122
EXAMPLES = 12
"""Cases for each operation in each phase that makes them up."""
MOST_SECONDS = 9
_PHASES = (("examples,coverage", ()), ("fuzzing,stateful", (f"--max-time={MOST_SECONDS}",)))
"""Every operation is asked in the first two, however long a slow machine takes; those that repeat have a bound."""
PATIENCE = 240.0
"""Seconds after which the tool is stopped."""


def _run(subject: Subject) -> Seen:
    operations = read_operations(subject.site)
    throttled = _throttled(subject)
    with tempfile.TemporaryDirectory(prefix="spacewright-endpoints-") as name:
        code, said, rates = _go_through(subject, Path(name), throttled)
    rows = tuple(_rows(operations, rates, subject.site.asked(), throttled))
    unreached = [str(row["operation"]) for row in rows if not row["success"]]
    violations = [f"{operation}: never answered with success" for operation in unreached]
    broken = _failures(said) if code else []
    violations += broken
    promises = "a promise was broken" if broken else "every promise was kept"
    return Seen(
        text=f"{len(rows) - len(unreached)} of {len(rows)} operations answered with success, "
        f"{promises} in {sum(int(row['calls'] or 0) for row in rows)} requests",
        violations=tuple(violations),
        details=(f"repeat it with seed {SEED}",),
        tables={"endpoints": rows},
    )


def _throttled(subject: Subject) -> tuple[str, ...]:
    """Operations that bear few attempts, so that the checks of accounts ask them and nothing else does."""
    scenario = subject.scenario
    paths = (scenario.register, scenario.login, scenario.refresh, scenario.logout)
    return tuple(filter(None, (*paths, scenario.change_password, scenario.delete_account)))


def _go_through(subject: Subject, folder: Path, throttled: Sequence[str]) -> tuple[int, str, Sequence[Rates]]:
    """Runs Schemathesis as two people who must not see each other's things: exit code, what it said of failures, and
    how often each operation answered with success."""
    if subject.tools.python is None:
        raise NotRun(subject.tools.missing)
    people = (owner(subject).session, stranger(subject).session)
    users = {"auth": [_user(name, session) for name, session in zip(("owner", "stranger"), people, strict=True)]}
    _keep(folder / "users.json", json.dumps(users))
    _keep(folder / "schemathesis.toml", _headers(subject.site.admission) + _CONFIG)
    common = (
        *(str(subject.tools.python.with_name("schemathesis")), "--no-color", "run", subject.site.url + PATH),
        *(f"--seed={SEED}", f"--max-examples={EXAMPLES}"),
        *(f"--exclude-path={path}" for path in throttled),
    )
    done = [_pass(subject, folder, (*common, f"--phases={phases}", *bound)) for phases, bound in _PHASES]
    code = next((result.code for result, _ in done if result.code), 0)
    return code, "\n".join(result.output for result, _ in done if result.code), [rates for _, rates in done]


def _headers(admission: Admission) -> str:
    """Of all requests, those without a login too: what a private Space lets its visitors in by. TOML takes JSON's
    strings."""
    pairs = (f"{name} = {json.dumps(value)}" for name, value in admission.headers.items())
    return f"headers = {{ {', '.join(pairs)} }}\n"


def _keep(path: Path, text: str) -> None:
    """A file with tokens in it."""
    path.touch(mode=0o600)
    path.write_text(text, encoding="utf-8")


def _pass(subject: Subject, folder: Path, argv: tuple[str, ...]) -> tuple[Result, Rates]:
    report = folder / "report.json"
    report.unlink(missing_ok=True)
    env = {**subject.tools.environment, "COLUMNS": "160"}
    command = Command(argv=(*argv, f"--report-json-path={report}"), cwd=folder, env=env, timeout=PATIENCE)
    result = run(command, check=False, stop=subject.tools.stop)
    if not report.exists():
        raise CommandFailed("Schemathesis wrote no report.", details=result.tail)
    rates: Rates = json.loads(report.read_text(encoding="utf-8")).get("valid_rates", {})
    return result, rates


_CONFIG = """\
workers = 1
request-timeout = 20
max-stream-events = 1
continue-on-failure = true

[auth.wfc]
path = "users.json"
user = "owner"
peers = ["owner", "stranger"]

[generation]
database = "none"

[checks.positive_data_acceptance]
expected-statuses = ["2xx", "3xx", "401", "403", "404", "409", "412", "422", "429"]
"""
"""A precondition (412) depends on what is there, as a conflict (409) does, and no schema can say which texts are
cursors (422): that an operation takes what is valid is seen by its success. No 5xx, which no check may excuse."""


def _user(name: str, session: Session) -> dict[str, Any]:
    """A person whose token is known (Web Fuzzing Commons)."""
    return {"name": name, "fixedHeaders": [{"name": key, "value": value} for key, value in session.bearer.items()]}


def _rows(
    operations: Iterable[Operation],
    rates: Sequence[Rates],
    asked: Sequence[Asked],
    throttled: Sequence[str],
) -> Iterable[dict[str, Cell]]:
    """What each operation answered: to Schemathesis, and to the other checks."""
    for operation in operations:
        own = [one for one in asked if one.method == operation.method and _fits(operation.path, one.path)]
        phases = [phase for some in rates for phase in some.get(operation.name, {}).values()]
        yield {
            "operation": operation.name,
            "calls": sum(sum(phase.values()) for phase in phases) + len(own),
            "success": sum(phase["accepted"] for phase in phases) + sum(one.status in range(200, 300) for one in own),
            "by": "other checks" if operation.path in throttled else "Schemathesis",
        }


def _fits(template: str, path: str) -> bool:
    pattern = "[^/]+".join(map(re.escape, re.split(r"\{[^}]+\}", template)))
    return re.fullmatch(pattern, path.partition("?")[0]) is not None


def _failures(said: str) -> list[str]:
    """The part of the output that tells what failed, each with a command that repeats it."""
    _, marker, told = said.partition(" FAILURES ")
    lines = (told if marker else said).splitlines()
    return [line for line in lines if line.strip("=_ ")][:200] or ["Schemathesis found something and did not say what"]


ENDPOINTS = Check(
    name="endpoints", asked="every operation answers with success and keeps what the API's document promises", run=_run
)
