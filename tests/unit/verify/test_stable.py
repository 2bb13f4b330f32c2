"""Stable is what looks the same again, also after a restart, within the memory there is."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from deploy.proof import Proof, Verdict
from deploy.verify.stable import stable
from deploy.verify.suite import run_suite
from tests.unit.verify.subjects import People, subject


def seen(**verdicts: Verdict) -> list[Proof]:
    return [Proof(check=name, verdict=it, asked="", seen=f"it {it}") for name, it in verdicts.items()]


def judged(root: Path, runs: Sequence[Sequence[Proof]], **changes: Any) -> Proof:
    """Of a deployment whose checks saw that, one run after another."""
    first, *later = runs
    restarts: list[str] = []

    def restart() -> None:
        restarts.append("restarted")

    with subject(root, People(), **{"restart": restart, **changes}) as looked_at:
        (proof,) = run_suite([stable(lambda: first, lambda: later.pop(0))], looked_at)
    assert proof.verdict == "not run" or (later, len(restarts)) == ([], 1)
    return proof


GOOD = seen(crud="passed", auth="passed")
WORSE = seen(crud="failed", auth="passed")
BLIND = seen(crud="not run", auth="passed")


def test_the_same_three_times_is_stable(tmp_path: Path) -> None:
    assert judged(tmp_path, (GOOD, GOOD, GOOD)).verdict == "passed"
    assert judged(tmp_path, (WORSE, WORSE, WORSE)).verdict == "passed"


@pytest.mark.parametrize(
    ("runs", "told"),
    [
        ((GOOD, WORSE, GOOD), "crud: passed at first, failed the second time (it failed)"),
        ((GOOD, GOOD, WORSE), "crud: passed at first, failed after a restart (it failed)"),
        (
            (GOOD, seen(crud="not run", auth="passed"), GOOD),
            "crud: passed at first, not run the second time (it not run)",
        ),
    ],
    ids=["second time", "after a restart", "not run"],
)
def test_what_differs_is_named_with_when(runs: Sequence[Sequence[Proof]], told: str, tmp_path: Path) -> None:
    proof = judged(tmp_path, runs)
    assert (proof.verdict, proof.details) == ("failed", (told,))


@pytest.mark.parametrize(("used", "when"), [((900, 100), "before the restart"), ((100, 900), "after it")])
def test_more_memory_than_there_is_fails_before_and_after(used: tuple[int, int], when: str, tmp_path: Path) -> None:
    amounts = [each * 1_000_000 for each in used]
    measures = {"memory": lambda: amounts.pop(0), "memory_limit": 500_000_000}
    proof = judged(tmp_path, (GOOD, GOOD, GOOD), **measures)
    assert proof.details == (f"900 MB of memory are used {when}, the hardware has 500 MB",)


def test_what_cannot_be_restarted_is_not_run(tmp_path: Path) -> None:
    assert judged(tmp_path, (GOOD,), restart=None).verdict == "not run"
