"""Checks run side by side, each ends in a proof, and Ctrl-C ends what is under way."""

from __future__ import annotations

import threading
from collections.abc import Callable
from itertools import count
from pathlib import Path

import pytest

from deploy.command import Stop
from deploy.errors import CommandFailed
from deploy.proof import NotRun, Proof
from deploy.verify.check import Check, Seen
from deploy.verify.subject import Subject
from deploy.verify.suite import not_run, run_suite
from deploy.verify.tools import Tools
from tests.unit.verify.subjects import always, subject

PATIENCE = 20.0


def check(name: str, run: Callable[[Subject], Seen] = lambda _: Seen(text="it holds"), *, alone: bool = False) -> Check:
    return Check(name=name, asked=f"{name} holds", run=run, alone=alone)


def raising(error: BaseException) -> Callable[[Subject], Seen]:
    def run(_: Subject) -> Seen:
        raise error

    return run


def run(root: Path, *checks: Check, **options: object) -> tuple[Proof, ...]:
    with subject(root, always(200)) as looked_at:
        return run_suite(checks, looked_at, **options)  # type: ignore[arg-type]


def test_proofs_come_in_the_order_of_the_checks(tmp_path: Path) -> None:
    proofs = run(tmp_path, check("alone", alone=True), check("first"), check("second"))
    assert [proof.check for proof in proofs] == ["alone", "first", "second"]
    assert {(proof.verdict, proof.seen) for proof in proofs} == {("passed", "it holds")}


def test_checks_run_side_by_side(tmp_path: Path) -> None:
    """Each waits for all the others, which one after another would never end."""
    meeting = threading.Barrier(3, timeout=PATIENCE)

    def meet(_: Subject) -> Seen:
        meeting.wait()
        return Seen(text="met")

    assert [proof.seen for proof in run(tmp_path, *(check(name, meet) for name in "abc"))] == ["met"] * 3


def test_those_that_stand_alone_come_when_the_others_are_done_and_one_by_one(tmp_path: Path) -> None:
    busy: list[str] = []
    seen: list[tuple[str, ...]] = []

    def working(name: str) -> Callable[[Subject], Seen]:
        def work(_: Subject) -> Seen:
            busy.append(name)
            seen.append(tuple(busy))
            busy.remove(name)
            return Seen(text="")

        return work

    names = ("load", "stable")
    run(tmp_path, *(check(name, working(name), alone=True) for name in names), check("crud", working("crud")))
    assert seen == [("crud",), ("load",), ("stable",)]


def test_a_check_with_violations_fails_and_tells_them_first(tmp_path: Path) -> None:
    seen = Seen(text="1 of 2", violations=("it was 500",), details=("seed 7",), figures={"p50": 1.0}, files=("a.png",))
    (proof,) = run(tmp_path, check("crud", lambda _: seen))
    assert (proof.verdict, proof.details) == ("failed", ("it was 500", "seed 7"))
    assert (proof.figures, proof.files) == ({"p50": 1.0}, ("a.png",))


def test_what_cannot_be_looked_at_is_not_run_with_its_reason(tmp_path: Path) -> None:
    (proof,) = run(tmp_path, check("browser", raising(NotRun("there is no Chromium"))))
    assert (proof.verdict, proof.seen) == ("not run", "there is no Chromium")


def test_a_tool_that_fails_is_a_check_that_failed(tmp_path: Path) -> None:
    error = CommandFailed("It ended with code 1.", cause="why", next_step="how", details=("a line",))
    (proof,) = run(tmp_path, check("load", raising(error)))
    assert (proof.verdict, proof.details) == ("failed", ("It ended with code 1.", "cause: why", "next: how", "a line"))


@pytest.mark.parametrize("error", [KeyError("id"), TypeError("none"), ValueError("no JSON"), AttributeError("get")])
def test_an_answer_that_cannot_be_read_is_not_approved_of(error: Exception, tmp_path: Path) -> None:
    broken, whole = run(tmp_path, check("crud", raising(error)), check("auth"))
    assert broken.verdict == "failed"
    assert type(error).__name__ in broken.seen
    assert whole.verdict == "passed"


def test_each_proof_is_told_as_it_comes_with_its_time(tmp_path: Path) -> None:
    told: list[Proof] = []
    proofs = run(tmp_path, check("load", alone=True), on_proof=told.append, clock=count(10.0, 1.5).__next__)
    assert tuple(told) == proofs
    assert (proofs[0].started, proofs[0].seconds) == (1.5, 1.5)


def test_a_later_part_counts_from_the_beginning_of_the_first(tmp_path: Path) -> None:
    (proof,) = run(tmp_path, check("load", alone=True), began=4.0, clock=count(10.0, 1.5).__next__)
    assert proof.started == 6.0


def test_ctrl_c_stops_the_tools_before_it_goes_on(tmp_path: Path) -> None:
    """The other check hears of it through its tool, and would wait for it else."""
    stopped = threading.Event()

    class Heard(Stop):
        def __call__(self) -> None:
            stopped.set()

    def wait(_: Subject) -> Seen:
        assert stopped.wait(PATIENCE)
        return Seen(text="")

    tools = Tools(python=None, chromium=None, stop=Heard())
    checks = (check("auth", raising(KeyboardInterrupt())), check("endpoints", wait))
    with subject(tmp_path, always(200), tools=tools) as looked_at, pytest.raises(KeyboardInterrupt):
        run_suite(checks, looked_at)
    assert stopped.is_set()


def test_checks_that_are_left_out_say_why() -> None:
    (proof,) = not_run([check("load")], "its visitors would feel it")
    assert (proof.check, proof.verdict, proof.seen) == ("load", "not run", "its visitors would feel it")
