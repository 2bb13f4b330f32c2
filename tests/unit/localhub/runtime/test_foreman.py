"""One attempt at a time, always the newest."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from deploy.localhub.runtime.attempt import Attempt
from deploy.localhub.runtime.foreman import Foreman
from deploy.localhub.runtime.model import SpaceBuild


def attempt(letter: str) -> Attempt:
    return Attempt(build=SpaceBuild(space_id="a/b", commit=letter * 40, folder=Path("/nowhere/at/all")))


def test_a_defect_in_one_attempt_does_not_keep_the_next_from_its_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    second, done, told = attempt("b"), threading.Event(), threading.Event()
    monkeypatch.setattr(threading, "excepthook", lambda _: told.set())

    def carry_out(one: Attempt) -> None:
        if one is second:
            done.set()
            return
        foreman.begin(second)
        raise RuntimeError("a defect")

    foreman = Foreman("under test", threading.RLock(), carry_out)
    foreman.begin(attempt("a"))
    assert done.wait(10)
    assert told.wait(10), "the defect has to be heard of"
    foreman.join()


def test_a_chore_comes_before_the_next_attempt() -> None:
    order: list[str] = []
    begun, go_on = threading.Event(), threading.Event()

    def carry_out(one: Attempt) -> None:
        order.append(one.commit[0])
        begun.set()
        assert go_on.wait(10)

    foreman = Foreman("under test", threading.RLock(), carry_out)
    foreman.begin(attempt("a"))
    assert begun.wait(10)
    foreman.begin(attempt("b"))
    foreman.also(lambda: order.append("chore"))
    go_on.set()
    foreman.join()
    assert order == ["a", "chore", "b"]


def test_what_was_given_up_no_longer_matters() -> None:
    matters: list[bool] = []

    def carry_out(one: Attempt) -> None:
        foreman.give_up()
        assert one.cancellation.cancelled
        matters.append(foreman.finish(one))

    foreman = Foreman("under test", threading.RLock(), carry_out)
    foreman.begin(attempt("a"))
    foreman.join()
    assert matters == [False]
