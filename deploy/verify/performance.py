"""A single visitor waits no longer than the budgets allow."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from statistics import quantiles

from deploy.verify.check import Assertions, Check, Seen
from deploy.verify.subject import Subject
from deploy.verify.undisturbed import undisturbed
from deploy.verify.visitor import anyone

ROUNDS = 30
"""Requests of each kind, one after another."""


def _run(subject: Subject, *, clock: Callable[[], float] = time.perf_counter) -> Seen:
    assertions = Assertions()
    budgets = subject.load
    figures: dict[str, float] = {}
    headers: Mapping[str, str] = anyone(subject).bearer if subject.scenario.items else {}
    for path in filter(None, (subject.app.health, subject.scenario.page, subject.scenario.items)):
        times = [_time(subject, path, headers, assertions, clock) for _ in range(ROUNDS)]
        cuts = quantiles(times, n=20)
        p50, p95 = round(cuts[9], 1), round(cuts[18], 1)
        figures |= {f"GET {path} p50_ms": p50, f"GET {path} p95_ms": p95}
        assertions.expect(p50 <= budgets.p50, f"GET {path}: p50 is {p50:g} ms, the budget is {budgets.p50:g} ms")
        assertions.expect(p95 <= budgets.p95, f"GET {path}: p95 is {p95:g} ms, the budget is {budgets.p95:g} ms")
    seen = assertions.seen(f"expectations held, the slowest p95 is {max(figures.values()):g} ms")
    return replace(seen, figures=figures)


def _time(
    subject: Subject, path: str, headers: Mapping[str, str], assertions: Assertions, clock: Callable[[], float]
) -> float:
    """Milliseconds until the answer is there, with a connection of its own."""
    started = clock()
    answer = subject.site.ask(path, headers=headers)
    spent = (clock() - started) * 1_000
    assertions.status(f"GET {path}", answer, (200,))
    return spent


PERFORMANCE = Check(
    name="performance",
    asked="a single visitor is answered within the budgets",
    run=undisturbed(_run),
    alone=True,
)
