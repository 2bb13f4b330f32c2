"""A single visitor is held to the budgets, by a clock of the test's."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import httpx2
import pytest

from deploy.verify import performance
from deploy.verify.check import Seen
from tests.unit.verify.subjects import People, subject

HALF_A_SECOND = "[load]\np50 = 500\np95 = 1000"


def measured(root: Path, takes: Callable[[str], float]) -> Seen:
    """Of an app that takes that many seconds for each path."""
    now, people = [0.0], People()

    def answer(request: httpx2.Request) -> httpx2.Response:
        now[0] += takes(request.url.path)
        answer = people(request)
        return httpx2.Response(200) if answer.status_code == 404 else answer

    with subject(root, answer, toml=HALF_A_SECOND) as looked_at:
        return performance._run(looked_at, clock=lambda: now[0])


def test_within_the_budgets_every_path_passes(tmp_path: Path) -> None:
    seen = measured(tmp_path, lambda _: 0.25)
    assert seen.violations == ()
    assert seen.figures["GET /api/v1/tasks p95_ms"] == 250.0
    assert "the slowest p95 is 250 ms" in seen.text


@pytest.mark.parametrize("slow", ["/health", "/", "/api/v1/tasks"])
def test_a_slow_path_is_named(slow: str, tmp_path: Path) -> None:
    seen = measured(tmp_path, lambda path: 2.0 if path == slow else 0.0)
    assert seen.violations == (
        f"GET {slow}: p50 is 2000 ms, the budget is 500 ms",
        f"GET {slow}: p95 is 2000 ms, the budget is 1000 ms",
    )


def test_an_error_is_not_fast(tmp_path: Path) -> None:
    people = People()

    def answer(request: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(503) if request.url.path == "/health" else people(request)

    with subject(tmp_path, answer) as looked_at:
        assert "GET /health: 503 instead of 200" in performance._run(looked_at).violations
