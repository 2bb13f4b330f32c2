"""Stable is what looks the same again, also after a restart, is not started unasked, and has memory left."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from deploy.errors import VerificationFailed
from deploy.proof import Proof, Verdict
from deploy.verify.stable import stable
from deploy.verify.subject import Vitals
from deploy.verify.suite import run_suite
from deploy.verify.watch import watching
from tests.unit.verify.subjects import People, subject


def seen(**verdicts: Verdict) -> list[Proof]:
    return [Proof(check=name, verdict=it, asked="", seen=f"it {it}") for name, it in verdicts.items()]


def judged(root: Path, runs: Sequence[Sequence[Proof]], **changes: Any) -> Proof:
    """Of a deployment whose checks saw that, one run after another."""
    first, *later = runs
    restarts: list[str] = []

    def restart() -> None:
        restarts.append("restarted")

    with subject(root, People(), **{"restart": restart, **changes}) as looked_at, watching(looked_at) as watch:
        (proof,) = run_suite([stable(watch, lambda: first, lambda: later.pop(0))], looked_at)
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
    assert proof.verdict == "failed"
    assert proof.details[0] == told


def test_what_cannot_be_restarted_is_not_run(tmp_path: Path) -> None:
    assert judged(tmp_path, (GOOD,), restart=None).verdict == "not run"


def test_what_does_not_come_up_again_is_told_with_what_was_seen_before(tmp_path: Path) -> None:
    def restart() -> None:
        raise VerificationFailed("it does not start")

    with subject(tmp_path, People(), restart=restart) as looked_at, watching(looked_at) as watch:
        (proof,) = run_suite([stable(watch, lambda: GOOD, lambda: WORSE)], looked_at)
    assert proof.verdict == "failed"
    assert proof.details[:2] == (
        "crud: passed at first, failed the second time (it failed)",
        "it does not come up again: it does not start",
    )


# What the platform says ----------------------------------------------------------------------------------

STARTED = "===== Application Startup at 2026-11-22 20:15:30 ====="
LATER = "===== Application Startup at 2026-11-22 20:15:41 ====="
LATEST = "===== Application Startup at 2026-11-22 20:15:59 ====="
OWN = '{"message": "Started server process [7]", "level": "info"}'
OTHER = "INFO:     Started server process [8]"
TWICE = "Started server process [7], Started server process [8]"


@dataclass
class Platform:
    """`logs` are the run log at each time it is read, the last for good; so are `states`."""

    logs: list[list[str]] = field(default_factory=lambda: [[STARTED], [STARTED], [LATER]])
    states: list[Vitals] = field(default_factory=lambda: [Vitals(stage="RUNNING")])

    def judged(self, root: Path) -> Proof:
        return judged(root, (GOOD, GOOD, GOOD), run_log=self.run_log, vitals=self.vitals)

    def run_log(self) -> list[str]:
        return self.logs.pop(0) if len(self.logs) > 1 else self.logs[0]

    def vitals(self) -> Vitals:
        return self.states.pop(0) if len(self.states) > 1 else self.states[0]


def mib(used: int, total: int = 500) -> Vitals:
    return Vitals(stage="RUNNING", memory_used=used * 1024**2, memory_total=total * 1024**2)


def test_memory_is_told_before_and_after(tmp_path: Path) -> None:
    proof = Platform(states=[mib(96, 16_384), mib(90, 16_384)]).judged(tmp_path)
    assert proof.verdict == "passed"
    assert proof.seen.endswith("; memory in MiB: 96 before the restart, 90 after it, of 16,384")
    assert proof.figures == {
        "memory_before_MiB": 96.0,
        "memory_after_MiB": 90.0,
        "memory_limit_MiB": 16_384.0,
    }
    assert proof.details == ()


@pytest.mark.parametrize(("used", "when"), [((900, 100), "before the restart"), ((100, 500), "after it")])
def test_more_memory_than_there_is_fails_before_and_after(used: tuple[int, int], when: str, tmp_path: Path) -> None:
    proof = Platform(states=[mib(each) for each in used]).judged(tmp_path)
    assert proof.details == (f"{max(used)} MiB of memory are used {when}, the hardware has 500 MiB",)


def test_memory_that_nobody_tells_is_said_to_be_unknown(tmp_path: Path) -> None:
    proof = Platform(states=[Vitals(stage="RUNNING", memory_unknown="the Hub has no such route")]).judged(tmp_path)
    assert (proof.verdict, proof.details) == ("passed", ("memory was not measured: the Hub has no such route",))
    assert "memory is not told here" in proof.seen
    assert proof.figures == {}


def test_where_nothing_tells_anything_that_is_said(tmp_path: Path) -> None:
    proof = judged(tmp_path, (GOOD, GOOD, GOOD))
    assert proof.details == (
        "neither stage nor memory were looked at: nothing tells them of this deployment",
        "starts without being asked were not looked for: the run log names none",
    )


@pytest.mark.parametrize(
    "logs",
    [
        [[STARTED], [STARTED], [LATER]],
        [[STARTED], [STARTED], [STARTED, LATER]],
        [[STARTED, OWN], [STARTED, OWN], [LATER, OWN]],
        [[STARTED, OWN], [OWN], [OWN, LATER, OWN]],
        [[STARTED, OWN, OTHER], [STARTED, OWN, OTHER], [STARTED, OWN, OTHER, LATER, OWN, OTHER]],
        [[OWN], [OWN], [OTHER]],
    ],
    ids=[
        "a new log",
        "the same log",
        "a server's lines",
        "an older part dropped",
        "two workers",
        "of the server alone",
    ],
)
def test_one_restart_that_was_asked_for_is_as_it_should_be(logs: list[list[str]], tmp_path: Path) -> None:
    proof = Platform(logs=logs).judged(tmp_path)
    assert proof.verdict == "passed", proof.details


@pytest.mark.parametrize(
    ("logs", "told"),
    [
        (
            [[STARTED], [STARTED, LATER], [LATEST]],
            f"before the restart the app was started 1 times, not 0: {LATER.rstrip(' =')}",
        ),
        (
            [[STARTED], [STARTED], [STARTED, LATER, LATEST]],
            f"after it the app was started 2 times, not 1: {LATER.rstrip(' =')}, {LATEST.rstrip(' =')}",
        ),
        (
            [[STARTED, OWN], [STARTED, OWN, OWN, OTHER], [LATER]],
            f"before the restart the app was started 2 times, not 0: {TWICE}",
        ),
        (
            [[STARTED, OWN], [STARTED, OWN], [STARTED, OWN, LATER, OWN, OTHER]],
            f"after it the app was started 2 times, not 1: {TWICE}",
        ),
    ],
    ids=["between two runs", "after the restart", "by a wrapper of its own", "by a wrapper after the restart"],
)
def test_a_start_that_nobody_asked_for_is_told(logs: list[list[str]], told: str, tmp_path: Path) -> None:
    proof = Platform(logs=logs).judged(tmp_path)
    assert (proof.verdict, proof.details) == ("failed", (told,))


def test_nothing_is_looked_at_again_before_the_log_has_been_read(tmp_path: Path) -> None:
    """A start that comes meanwhile would pass for one of those that were there before."""
    done: list[str] = []
    too_early = threading.Event()

    def run_log() -> list[str]:
        too_early.wait(0.2)  # in vain, where all is as it should be
        done.append("read")
        return [STARTED]

    def again() -> list[Proof]:
        done.append("looked again")
        too_early.set()
        return GOOD

    there = subject(tmp_path, People(), restart=lambda: None, run_log=run_log)
    with there as looked_at, watching(looked_at) as watch:
        run_suite([stable(watch, lambda: GOOD, again)], looked_at)
    assert done == ["read", "looked again", "read", "looked again", "read"]


def test_a_stage_that_is_not_running_is_told(tmp_path: Path) -> None:
    died = Vitals(stage="RUNTIME_ERROR", trouble="Memory limit exceeded (16Gi)")
    proof = Platform(states=[died, Vitals(stage="RUNNING")]).judged(tmp_path)
    assert proof.details == ("the Hub says RUNTIME_ERROR (Memory limit exceeded (16Gi)) before the restart",)
