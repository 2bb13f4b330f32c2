"""What Locust counted becomes percentiles, which are held to their budgets."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from deploy.config import LoadConfig
from deploy.proof import Proof
from deploy.verify import load
from deploy.verify.check import Assertions
from deploy.verify.load import LOAD
from deploy.verify.suite import run_suite
from deploy.verify.swarm import Measured
from tests.unit.verify.subjects import People, scenario, subject

QUICK = Measured(name="list", requests=400, failures=0, times={10: 400})


TEN_SECONDS = "[load]\nseconds = 10"


@pytest.fixture
def budgets(tmp_path: Path) -> LoadConfig:
    return scenario(tmp_path, TEN_SECONDS).load


def judged(root: Path, monkeypatch: pytest.MonkeyPatch, **by_model: Measured) -> Proof:
    """Both models, QUICK unless a test says otherwise."""
    seen = {"closed": QUICK, "open": QUICK, **by_model}
    monkeypatch.setattr(load, "measure", lambda _subject, model: (seen[model],))
    with subject(root, People(), toml=TEN_SECONDS) as looked_at:
        (proof,) = run_suite([LOAD], looked_at)
    return proof


def test_what_stays_within_the_budgets_passes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    proof = judged(tmp_path, monkeypatch)
    assert proof.verdict == "passed"
    assert (proof.figures["closed_p99_ms"], proof.figures["open_throughput"]) == (10.0, 40.0)
    assert [row["request"] for row in proof.tables["latency"]] == ["list", "all"] * 2


@pytest.mark.parametrize("model", ["closed", "open"])
@pytest.mark.parametrize(
    ("worse", "named"),
    [
        ({"times": {251: 400}}, "p50"),
        ({"times": {10: 370, 1_001: 30}}, "p95"),
        ({"times": {10: 395, 2_001: 5}}, "p99"),
        ({"failures": 1}, "1 of 400 requests failed"),
        ({"requests": 199, "times": {10: 199}}, "requests a second"),
        ({"requests": 0, "times": {}}, "0 of 0 requests failed"),
    ],
    ids=["p50", "p95", "p99", "errors", "throughput", "nothing"],
)
def test_what_breaks_one_budget_fails_and_names_it(
    model: str, worse: dict[str, object], named: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = replace(QUICK, **worse)  # type: ignore[arg-type]
    proof = judged(tmp_path, monkeypatch, **{model: broken})
    assert proof.verdict == "failed"
    assert named in proof.details[0]
    assert all(line.startswith(model) for line in proof.details)


def test_arrivals_that_are_given_cannot_be_faster_than_they_come(budgets: LoadConfig) -> None:
    slow = replace(budgets, rate=10, throughput=50.0)
    hundred = replace(QUICK, requests=100, times={10: 100})
    assertions = Assertions()
    load._judge("open", hundred, slow, assertions)
    assert assertions.violations == []
    load._judge("closed", hundred, slow, assertions)
    assert assertions.violations == ["closed model: 10 requests a second, the budget is at least 50"]


def test_without_locust_it_is_not_run(tmp_path: Path) -> None:
    with subject(tmp_path, People()) as looked_at:
        (proof,) = run_suite([LOAD], looked_at)
    assert (proof.verdict, proof.seen) == ("not run", "no tools here")


def test_without_a_collection_it_is_not_run(tmp_path: Path) -> None:
    with subject(tmp_path, People(), toml='[scenario]\nitems = ""') as looked_at:
        (proof,) = run_suite([LOAD], looked_at)
    assert (proof.verdict, proof.seen) == ("not run", "the scenario names no collection")
