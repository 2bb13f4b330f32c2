"""Ctrl-C and SIGTERM held to the moments when they can be answered without leaving something behind."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_STOPPERS = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def deferred_interrupts() -> Iterator[None]:
    """Inside, Ctrl-C and SIGTERM wait; the last one that came is delivered at the end.

    For the short spells in which the engine makes or removes something and its answer must not be lost.
    """
    if not _in_main_thread():
        yield
        return
    arrived: list[int] = []

    def remember(number: int, _frame: FrameType | None) -> None:
        arrived.append(number)

    before = {number: signal.signal(number, remember) for number in _STOPPERS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler if handler is not None else signal.SIG_DFL)
        if arrived:
            signal.raise_signal(arrived[-1])


def _in_main_thread() -> bool:
    return threading.current_thread() is threading.main_thread()
