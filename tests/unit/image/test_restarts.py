"""Crash loops, seen from outside."""

from __future__ import annotations

import pytest

from deploy.image.restarts import ProcessWatch, repeated_crash


def watched(*looks: dict[int, str]) -> str | None:
    watch = ProcessWatch()
    for processes in looks:
        watch.look(processes)
    return watch.restarted()


def test_the_same_command_line_under_ever_new_ids_is_a_restart() -> None:
    looks = [{1: "sh -c loop", number: "python main.py"} for number in (5, 9, 14)]
    assert watched(*looks, {1: "sh -c loop"}) == "python main.py"


def test_two_deaths_are_not_yet_a_loop() -> None:
    assert watched({5: "python main.py"}, {9: "python main.py"}, {14: "python main.py"}) is None


def test_workers_side_by_side_are_no_restart() -> None:
    looks = [dict.fromkeys(range(5, 13), "worker")] * 4
    assert watched(*looks) is None


@pytest.mark.parametrize("waiting", ["sleep 1", "cat /proc/net/tcp"], ids=["sleep", "our-own-look"])
def test_what_only_waits_or_looks_is_not_counted(waiting: str) -> None:
    assert watched(*[{number: waiting} for number in range(5, 12)]) is None


def test_a_crash_counts_although_its_numbers_differ() -> None:
    log = "".join(f"INFO: Child process [{number}] died\n" for number in (7, 11, 15))
    assert repeated_crash(log) == "INFO: Child process [15] died"


def test_three_equal_tracebacks_are_a_repeated_crash() -> None:
    log = "Traceback (most recent call last):\n  File x\nsqlalchemy.exc.OperationalError: no database\n" * 3
    assert repeated_crash(log) == "sqlalchemy.exc.OperationalError: no database"


@pytest.mark.parametrize(
    "log",
    ["ValueError: a\n" * 2, "ValueError: a\nTypeError: b\nKeyError: c\n", "INFO: error rate 0\n" * 9],
    ids=["twice", "all-different", "no-crash"],
)
def test_other_logs_are_none(log: str) -> None:
    assert repeated_crash(log) is None
