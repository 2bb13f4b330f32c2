"""A machine with other work turns no measurement red, and a quiet one does not turn it green."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from deploy.proof import NotRun
from deploy.verify.check import Seen
from deploy.verify.machine import CORES, QUIET, Machine
from deploy.verify.undisturbed import undisturbed
from tests.unit.verify.subjects import People, subject

RED, GREEN = Seen(text="slow", violations=("p95 is 900 ms",)), Seen(text="fast")
BUSY = QUIET + 1


@dataclass
class Looks:
    """A machine that is as busy as a test says, look by look, and at last as `then`; each look takes a minute."""

    busy: Iterator[float]
    then: float = 0.0
    now: float = 0.0

    def __call__(self, _seconds: float) -> float:
        self.now += 60
        return next(self.busy, self.then)


@dataclass
class Measurement:
    """Gives what a test says, in turn; the last for ever."""

    results: list[Seen]
    made: int = field(default=0)

    def __call__(self, _subject: object) -> Seen:
        self.made += 1
        return self.results[min(self.made, len(self.results)) - 1]


def run(root: Path, measurement: Measurement, busy: Iterable[float] = (), *, then: float = 0.0) -> Seen:
    looks = Looks(iter(busy), then)
    machine = Machine(busy=looks, clock=lambda: looks.now)
    with subject(root, People(), machine=machine) as looked_at:
        return undisturbed(measurement)(looked_at)


def test_a_green_is_believed_at_once_on_any_machine(tmp_path: Path) -> None:
    measurement = Measurement([GREEN])
    assert run(tmp_path, measurement, then=BUSY) is GREEN
    assert measurement.made == 1


def test_a_red_on_a_quiet_machine_is_believed_the_second_time(tmp_path: Path) -> None:
    measurement = Measurement([RED])
    seen = run(tmp_path, measurement)
    assert (seen.violations, measurement.made) == (RED.violations, 2)
    assert seen.text == "slow, 2 times while this machine was quiet"


def test_a_red_that_is_green_the_next_time_was_none(tmp_path: Path) -> None:
    assert run(tmp_path, Measurement([RED, GREEN])) is GREEN


@pytest.mark.parametrize("busy", [[BUSY, 0.0] * 4, [0.0, BUSY] * 4], ids=["before", "after"])
def test_a_machine_that_was_never_quiet_says_nothing_of_the_app(tmp_path: Path, busy: list[float]) -> None:
    measurement = Measurement([RED])
    with pytest.raises(NotRun, match=rf"up to {BUSY:.1f} of this machine's {CORES} cores busy, .* p95 is 900 ms"):
        run(tmp_path, measurement, busy)
    assert measurement.made == 4


def test_one_disturbed_measurement_does_not_count_for_the_red(tmp_path: Path) -> None:
    measurement = Measurement([RED])
    assert run(tmp_path, measurement, [BUSY]).violations == RED.violations
    assert measurement.made == 3


def test_nobody_waits_before_there_is_a_red(tmp_path: Path) -> None:
    looks = Looks(iter([BUSY]))
    machine = Machine(busy=looks, clock=lambda: 0.0)
    with subject(tmp_path, People(), machine=machine) as looked_at:
        assert undisturbed(Measurement([GREEN]))(looked_at) is GREEN
    assert looks.now == 60


def test_a_busy_machine_is_waited_for() -> None:
    looks = Looks(iter([BUSY, BUSY, QUIET]))
    assert Machine(busy=looks, clock=lambda: looks.now).wait_until_quiet(1_000) == QUIET
    assert looks.now == 180


def test_the_cores_that_work_are_counted() -> None:
    assert 0 <= Machine().busy(0.05) <= CORES
