"""Interrupts wait until the engine has answered."""

from __future__ import annotations

import signal
import threading

import pytest

from deploy.image.interrupt import deferred_interrupts


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["ctrl-c", "sigterm"])
def test_a_signal_in_the_block_is_answered_after_it(number: signal.Signals) -> None:
    events: list[str] = []
    before = signal.signal(number, lambda *_: events.append("answered"))
    try:
        with deferred_interrupts():
            signal.raise_signal(number)
            events.append("end of block")
    finally:
        signal.signal(number, before)
    assert events == ["end of block", "answered"]


def test_ctrl_c_is_raised_at_the_end() -> None:
    events: list[str] = []

    def work() -> None:
        with deferred_interrupts():
            signal.raise_signal(signal.SIGINT)
            events.append("end of block")

    with pytest.raises(KeyboardInterrupt):
        work()
    assert events == ["end of block"]


def test_handlers_are_put_back() -> None:
    before = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)
    with deferred_interrupts():
        assert signal.getsignal(signal.SIGINT) is not before[0]
    assert (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)) == before


def test_other_threads_may_use_it() -> None:
    done = threading.Event()

    def work() -> None:
        with deferred_interrupts():
            done.set()

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert done.is_set()
