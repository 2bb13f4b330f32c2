"""T024 and T028: the declared load is borne, within the declared budgets."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from deploy.command import Command, run
from deploy.config import LoadConfig
from deploy.errors import CommandFailed
from deploy.proof import NotRun
from deploy.secret import Secret
from deploy.verify.check import Check, Seen
from deploy.verify.findings import Findings
from deploy.verify.subject import Subject
from deploy.verify.tools import DRIVERS
from deploy.verify.visitor import owner

OPEN_PACE = 2.0
"""Seconds between two requests of one visitor of the open model: as long as an answer may take before arrivals lag."""
_GRACE = 60.0
"""Seconds that Locust may need beside the load itself."""


@dataclass(frozen=True, kw_only=True)
class Measured:
    """One kind of request under load: how many, how many failed, and its percentiles in milliseconds."""

    name: str
    requests: int
    failures: int
    times: Mapping[int, int]

    def percentile(self, share: float) -> float:
        """The time within which that share of requests was answered; 0 when there were none."""
        left = share * self.requests
        for milliseconds in sorted(self.times):
            left -= self.times[milliseconds]
            if left <= 0:
                return float(milliseconds)
        return 0.0


def _run_load(subject: Subject) -> Seen:
    if not subject.scenario.items:
        raise NotRun("the scenario names no collection")
    budgets = subject.load
    findings = Findings()
    figures: dict[str, float] = {}
    rows: list[Mapping[str, str | int | float | None]] = []
    for model in ("closed", "open"):
        measured = measure(subject, model)
        total = _sum(measured)
        rows += [_row(model, one, budgets) for one in (*measured, total)]
        figures |= {f"{model}_{name}": value for name, value in _figures(total, budgets).items()}
        _judge(model, total, budgets, findings)
    figures |= {"budget_p50_ms": budgets.p50, "budget_p95_ms": budgets.p95, "budget_p99_ms": budgets.p99}
    seen = findings.seen(f"budgets held: {_said(figures)}")
    return Seen(text=seen.text, violations=seen.violations, figures=figures, tables={"latency": tuple(rows)})


def measure(subject: Subject, model: str) -> tuple[Measured, ...]:
    """One run of the load. Raises NotRun without Locust, CommandFailed when it does not come to an end."""
    if subject.tools.python is None:
        raise NotRun(subject.tools.missing)
    load = subject.load
    is_open = model == "open"
    users = round(load.rate * OPEN_PACE) if is_open else load.users
    plan = {
        "items": subject.scenario.items,
        "item": dict(subject.scenario.item),
        "headers": {**subject.site.admission.headers, **owner(subject).session.bearer},
        "open": is_open,
        "pace": OPEN_PACE,
    }
    argv = (
        *(str(subject.tools.python), "-I", "-m", "locust", "-f", str(DRIVERS / "load.py")),
        *("--headless", "--json", "--skip-log", "--only-summary", "--exit-code-on-error", "0"),
        *("--host", subject.site.url, "-u", str(users), "-r", str(users), "-t", f"{load.seconds:g}s"),
        *(("--processes", str(load.processes)) if load.processes > 1 else ()),
    )
    env: dict[str, str | Secret] = {**subject.tools.environment, "SPACEWRIGHT_LOAD": Secret(json.dumps(plan))}
    result = run(Command(argv=argv, env=env, timeout=load.seconds + _GRACE), stop=subject.tools.stop)
    return tuple(_read(result.output))


def _read(output: str) -> Sequence[Measured]:
    try:
        stats: Sequence[Mapping[str, Any]] = json.loads(output[output.index("[") : output.rindex("]") + 1])
    except ValueError:
        raise CommandFailed("Locust told no figures.", details=tuple(output.splitlines()[-20:])) from None
    return [
        Measured(
            name=entry["name"],
            requests=entry["num_requests"],
            failures=entry["num_failures"],
            times={round(float(milliseconds)): count for milliseconds, count in entry["response_times"].items()},
        )
        for entry in stats
    ]


def _sum(measured: Sequence[Measured]) -> Measured:
    times: dict[int, int] = {}
    for one in measured:
        for milliseconds, count in one.times.items():
            times[milliseconds] = times.get(milliseconds, 0) + count
    return Measured(
        name="all",
        requests=sum(one.requests for one in measured),
        failures=sum(one.failures for one in measured),
        times=times,
    )


def _figures(total: Measured, load: LoadConfig) -> dict[str, float]:
    return {
        "p50_ms": total.percentile(0.50),
        "p95_ms": total.percentile(0.95),
        "p99_ms": total.percentile(0.99),
        "errors": round(total.failures / total.requests, 4) if total.requests else 1.0,
        "throughput": round(total.requests / load.seconds, 1),
    }


def _judge(model: str, total: Measured, budgets: LoadConfig, findings: Findings) -> None:
    found = _figures(total, budgets)
    for name, most in (("p50", budgets.p50), ("p95", budgets.p95), ("p99", budgets.p99)):
        seen = found[f"{name}_ms"]
        findings.expect(seen <= most, f"{model} model: {name} is {seen:g} ms, the budget is {most:g} ms")
    findings.expect(
        found["errors"] <= budgets.errors,
        f"{model} model: {total.failures} of {total.requests} requests failed, the budget is {budgets.errors:.1%}",
    )
    # In the open model the arrivals are given: nothing can be faster than they come.
    least = min(budgets.throughput, 0.9 * budgets.rate) if model == "open" else budgets.throughput
    findings.expect(
        found["throughput"] >= least,
        f"{model} model: {found['throughput']:g} requests a second, the budget is at least {least:g}",
    )


def _row(model: str, one: Measured, load: LoadConfig) -> dict[str, str | int | float | None]:
    found = _figures(one, load)
    return {"model": model, "request": one.name, "count": one.requests, "failed": one.failures, **found}


def _said(figures: Mapping[str, float]) -> str:
    return f"p95 {figures['closed_p95_ms']:g} ms at {figures['closed_throughput']:g} requests a second"


LOAD = Check(name="load", asked="the declared load is borne within its budgets", run=_run_load, alone=True)
