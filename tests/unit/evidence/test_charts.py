"""Charts: values stand where they belong on the scale, budgets are drawn, and what is over one is said."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from deploy.evidence.html.latency import latency
from deploy.evidence.html.scale import linear, logarithmic
from deploy.evidence.html.timeline import timeline
from deploy.evidence.model import Evidence
from deploy.evidence.percentiles import budgets, measured
from deploy.proof import Cell, Proof
from tests.unit.evidence.samples import evidence, proofs


def loaded(**changes: object) -> Evidence:
    load = next(proof for proof in evidence().proofs if proof.check == "load")
    return evidence(proofs=proofs(load=replace(load, **changes)))  # type: ignore[arg-type]


# Scales --------------------------------------------------------------------------------------------------


def test_a_logarithmic_scale_has_whole_powers_of_ten_around_its_values() -> None:
    scale = logarithmic([3.0, 450.0])
    assert scale.ticks == (1.0, 10.0, 100.0, 1000.0)
    assert [round(scale.at(value), 1) for value in (1, 10, 100, 1000)] == [0.0, 33.3, 66.7, 100.0]
    assert (scale.at(0), scale.at(-1), scale.at(9999)) == (0.0, 0.0, 100.0)


@pytest.mark.parametrize("values", [[], [0.0], [10.0], [10.0, 10.0]])
def test_a_logarithmic_scale_of_little_is_one_decade_at_least(values: list[float]) -> None:
    assert len(logarithmic(values).ticks) == 2


@pytest.mark.parametrize(
    ("longest", "last", "count"),
    [(0.0, 1.0, 6), (1.0, 1.0, 6), (107, 120, 7), (77, 80, 5), (0.3, 0.3, 7), (3600, 4000, 5)],
)
def test_a_linear_scale_ends_at_the_first_round_value(longest: float, last: float, count: int) -> None:
    scale = linear(longest)
    assert scale.ticks[-1] == pytest.approx(last)
    assert len(scale.ticks) == count
    assert scale.at(last) == pytest.approx(100)


# Latency -------------------------------------------------------------------------------------------------


def test_every_operation_is_drawn_with_its_three_percentiles() -> None:
    drawn = str(latency(evidence()))
    assert drawn.count('class="strip"') == 10
    assert "POST /api/v1/auth/login" in drawn
    assert "68.9 · 112.6 · 190.2" in drawn
    assert "● p95, budget 250" in drawn
    assert len(re.findall(r'class="limit p95"', drawn)) == 10
    assert "over at" not in drawn


def test_a_percentile_over_its_budget_is_said_in_words() -> None:
    load = next(proof for proof in evidence().proofs if proof.check == "load")
    drawn = str(latency(loaded(figures={**load.figures, "budget_p95_ms": 100.0, "budget_p99_ms": 170.0})))
    assert drawn.count("over at p95, p99") == 1
    assert drawn.count("over at p95<") == 1


def test_without_budgets_the_percentiles_are_drawn_all_the_same() -> None:
    drawn = str(latency(loaded(figures={})))
    assert "limit" not in drawn
    assert drawn.count('class="strip"') == 10


def test_any_table_with_the_three_percentiles_counts_and_no_other() -> None:
    row: dict[str, Cell] = {"model": "open", "request": "GET /x", "count": 3, "p50_ms": 1, "p95_ms": 2.5, "p99_ms": 3}
    proof = Proof(
        check="load",
        verdict="passed",
        asked="",
        seen="",
        figures={"budget_p95_ms": 2.0, "budget_requests": 9.0},
        tables={"a": (row,), "b": ({**row, "p99_ms": None},), "c": ()},
    )
    (found,) = measured(proof)
    assert (found.operation, found.values) == ("open GET /x", {"p50_ms": 1, "p95_ms": 2.5, "p99_ms": 3})
    assert budgets(proof) == {"p95_ms": 2.0}
    assert found.over(budgets(proof)) == ("p95_ms",)
    assert latency(loaded(tables={})) is None


# Time ----------------------------------------------------------------------------------------------------


def test_the_time_of_checks_is_told_and_drawn_where_it_was_spent() -> None:
    two = (
        Proof(check="entry", verdict="passed", asked="", seen="", started=2.0, seconds=6.0),
        Proof(check="ports", verdict="failed", asked="", seen="", started=0.0, seconds=4.0),
        Proof(check="load", verdict="not run", asked="", seen=""),
    )
    drawn = str(timeline(evidence(proofs=two, steps=())))
    assert "8.0 s side by side, 10 s one after the other; the slowest, entry, took 6.0 s" in drawn
    bars = re.findall(r'<rect x="([\d.]+)%" width="([\d.]+)%"[^>]*class="bar (\w+)"', drawn)
    assert bars == [("0.00", "50.00", "failed"), ("25.00", "75.00", "passed")]


def test_steps_stand_one_after_the_other() -> None:
    drawn = str(timeline(evidence(proofs=())))
    assert "1 min 47 s in all" in drawn
    starts = [float(x) for x in re.findall(r'<rect x="([\d.]+)%"', drawn)]
    assert starts == sorted(starts)
    assert starts[1] == pytest.approx(1.0)


def test_nothing_timed_is_no_chart() -> None:
    assert timeline(evidence(steps=(), proofs=(Proof(check="entry", verdict="passed", asked="", seen=""),))) is None
