"""The moment when the process is told to stop.

A server ends the lifespan of an app only when its connections are closed, and a stream is one that never closes by
itself: whoever waits for the lifespan to end the streams waits until the server's patience is over. So the signal
itself is heeded, before the server's own handling of it.
"""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def when_told_to_stop(react: Callable[[], None]) -> Iterator[None]:
    """Inside, SIGINT and SIGTERM call `react` in the running loop and then do what they did before.

    A signal that nobody handles stays as it is. Signals belong to the main thread: in another one nothing is done.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    loop = asyncio.get_running_loop()
    before = {number: handler for number in SIGNALS if callable(handler := signal.getsignal(number))}

    def handle(number: int, frame: FrameType | None) -> None:
        loop.call_soon_threadsafe(react)
        before[signal.Signals(number)](number, frame)

    for number in before:
        signal.signal(number, handle)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
