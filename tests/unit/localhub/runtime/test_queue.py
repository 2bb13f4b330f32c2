"""One attempt at a time, always the newest."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from deploy.localhub.runtime.attempt import Attempt
from deploy.localhub.runtime.model import SpaceBuild
from deploy.localhub.runtime.queue import AttemptQueue


def attempt(letter: str) -> Attempt:
    return Attempt(build=SpaceBuild(space_id="a/b", commit=letter * 40, folder=Path("/nowhere/at/all")))


def test_a_defect_in_one_attempt_does_not_keep_the_next_from_its_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    second, done, told = attempt("b"), threading.Event(), threading.Event()
    monkeypatch.setattr(threading, "excepthook", lambda _: told.set())

    def carry_out(one: Attempt) -> None:
        if one is second:
            done.set()
            return
        queue.put(second)
        raise RuntimeError("a defect")

    queue = AttemptQueue("under test", threading.RLock(), carry_out)
    queue.put(attempt("a"))
    assert done.wait(10)
    assert told.wait(10), "the defect has to be heard of"
    queue.join()


def test_a_chore_comes_before_the_next_attempt() -> None:
    order: list[str] = []
    begun, go_on = threading.Event(), threading.Event()

    def carry_out(one: Attempt) -> None:
        order.append(one.commit[0])
        begun.set()
        assert go_on.wait(10)

    queue = AttemptQueue("under test", threading.RLock(), carry_out)
    queue.put(attempt("a"))
    assert begun.wait(10)
    queue.put(attempt("b"))
    queue.add_chore(lambda: order.append("chore"))
    go_on.set()
    queue.join()
    assert order == ["a", "chore", "b"]


def test_what_was_given_up_no_longer_matters() -> None:
    matters: list[bool] = []

    def carry_out(one: Attempt) -> None:
        queue.cancel()
        assert one.cancellation.cancelled
        matters.append(queue.finish(one))

    queue = AttemptQueue("under test", threading.RLock(), carry_out)
    queue.put(attempt("a"))
    queue.join()
    assert matters == [False]
