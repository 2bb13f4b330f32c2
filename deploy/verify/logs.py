"""An error can be found in the log; metrics are kept from strangers, and count for who has their token."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from deploy.http import Answer
from deploy.proof import NotRun
from deploy.verify.check import Assertions, Check, Seen
from deploy.verify.subject import Subject

TOKEN = "METRICS_TOKEN"  # noqa: S105 - the name of a setting
PATIENCE = 20.0
"""Seconds until the Hub must show a line that the app has logged."""


def _run(
    subject: Subject, *, clock: Callable[[], float] = time.monotonic, sleep: Callable[[float], None] = time.sleep
) -> Seen:
    if subject.run_log is None:
        raise NotRun("nothing gives the log of this deployment")
    assertions = Assertions()
    mark = f"check-{secrets.token_hex(8)}"
    answer = subject.site.ask(f"/no/such/path/{mark}", headers={"X-Request-ID": mark})
    request_id = _request_id(answer)
    if not assertions.expect(bool(request_id), "an error does not tell its request id"):
        return assertions.seen("expectations held")
    line = _await_line(subject, request_id, answer.status, clock, sleep)
    missing = f"the log has no line in JSON of request {request_id} with its {answer.status} within {PATIENCE:g} s"
    found = assertions.expect(line is not None, missing)
    if found and line is not None:
        for name in subject.scenario.log:
            assertions.expect(name in line, f"the log does not tell the {name} of a request")
        typed = [name for name, value in line.items() if mark in json.dumps(value) and value != request_id]
        assertions.expect(not typed, f"the log holds what a visitor typed, in {', '.join(typed)}")
    unseen = _metrics(subject, assertions)
    held = "expectations of log and metrics held"
    return replace(assertions.seen(f"{held}; {unseen}"), details=(unseen,)) if unseen else assertions.seen(held)


def _request_id(answer: Answer) -> str:
    return str(answer.document.get("request_id") or answer.headers.get("x-request-id") or "")


def _await_line(
    subject: Subject, request_id: str, status: int, clock: Callable[[], float], sleep: Callable[[float], None]
) -> dict[str, Any] | None:
    assert subject.run_log is not None
    deadline = clock() + PATIENCE
    while (line := _line(subject.run_log(), request_id, status)) is None and clock() < deadline:
        sleep(0.5)
    return line


def _line(log: Any, request_id: str, status: int) -> dict[str, Any] | None:
    """The structured line of the request: a JSON object that names it and the status."""
    for text in log:
        if request_id in text:
            try:
                found = json.loads(text[text.index("{") :])
            except ValueError:
                continue
            if isinstance(found, dict) and status in found.values():
                return found
    return None


def _metrics(subject: Subject, assertions: Assertions) -> str:
    """Closed to strangers; with the token at hand, a request is counted. What was not looked at, and why."""
    path = subject.scenario.metrics
    if not path:
        return "metrics were not looked at: the scenario names none"
    assertions.status(f"GET {path} by a stranger", subject.site.ask(path), (401, 403, 404))
    token, obstacle = subject.hidden.get(TOKEN), subject.site.admission.obstacle
    if token is None or obstacle:
        return f"requests in the metrics were not counted: {obstacle or f'{TOKEN} is not known here'}"
    bearer = {"Authorization": f"Bearer {token.reveal()}"}
    before, _, after = (_count(subject.site.ask(path, headers=bearer)), subject.site.ask(subject.app.health),
                        _count(subject.site.ask(path, headers=bearer)))  # fmt: skip
    assertions.expect(after > before, f"GET {path} does not count requests")
    return ""


def _count(answer: Answer) -> float:
    """All requests that were counted, by whatever label."""
    lines = (line for line in answer.body.splitlines() if "requests_total" in line and not line.startswith("#"))
    return sum(float(line.rpartition(" ")[2]) for line in lines)


LOGS = Check(
    name="logs",
    asked=f"an error is found in the log by its request id; metrics are closed, and count for who has {TOKEN}",
    run=_run,
)
