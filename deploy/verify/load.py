"""The declared load is borne, within the declared budgets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from deploy.config import LoadConfig
from deploy.proof import NotRun
from deploy.verify.check import Assertions, Check, Seen
from deploy.verify.subject import Subject
from deploy.verify.swarm import MODELS, Measured, measure
from deploy.verify.undisturbed import undisturbed


def _run_load(subject: Subject) -> Seen:
    if not subject.scenario.items:
        raise NotRun("the scenario names no collection")
    budgets = subject.load
    assertions = Assertions()
    figures: dict[str, float] = {}
    rows: list[Mapping[str, str | int | float | None]] = []
    for model in MODELS:
        measured = measure(subject, model)
        total = _sum(measured)
        rows += [_row(model, one, budgets) for one in (*measured, total)]
        figures |= {f"{model}_{name}": value for name, value in _figures(total, budgets).items()}
        _judge(model, total, budgets, assertions)
    figures |= {"budget_p50_ms": budgets.p50, "budget_p95_ms": budgets.p95, "budget_p99_ms": budgets.p99}
    seen = assertions.seen(f"budgets held: {_said(figures)}")
    return replace(seen, figures=figures, tables={"latency": tuple(rows)})


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


def _judge(model: str, total: Measured, budgets: LoadConfig, assertions: Assertions) -> None:
    found = _figures(total, budgets)
    for name, most in (("p50", budgets.p50), ("p95", budgets.p95), ("p99", budgets.p99)):
        seen = found[f"{name}_ms"]
        assertions.expect(seen <= most, f"{model} model: {name} is {seen:g} ms, the budget is {most:g} ms")
    assertions.expect(
        found["errors"] <= budgets.errors,
        f"{model} model: {total.failures} of {total.requests} requests failed, the budget is {budgets.errors:.1%}",
    )
    # In the open model the arrivals are given: nothing can be faster than they come.
    least = min(budgets.throughput, 0.9 * budgets.rate) if model == "open" else budgets.throughput
    assertions.expect(
        found["throughput"] >= least,
        f"{model} model: {found['throughput']:g} requests a second, the budget is at least {least:g}",
    )


def _row(model: str, one: Measured, load: LoadConfig) -> dict[str, str | int | float | None]:
    found = _figures(one, load)
    return {"model": model, "request": one.name, "count": one.requests, "failed": one.failures, **found}


def _said(figures: Mapping[str, float]) -> str:
    return f"p95 {figures['closed_p95_ms']:g} ms at {figures['closed_throughput']:g} requests a second"


LOAD = Check(
    name="load",
    asked="the declared load is borne within its budgets",
    run=undisturbed(_run_load),
    alone=True,
)
