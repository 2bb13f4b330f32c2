"""An event loop whose time stands still while there is something to do, and jumps when there is not.

So however busy the machine is, what is to happen after a while happens then, and nobody waits for it.
"""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Awaitable, Callable

MOST_TURNS = 10_000


class _Jumping(selectors.DefaultSelector):
    """Says at once that the time is over for which it was told to wait."""

    passed = 0.0
    turns = 0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        self.turns += 1
        assert self.turns < MOST_TURNS, "the test goes on and on"
        if not ready and timeout is not None:
            self.passed += timeout
        return ready


class _Loop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self._jumping = _Jumping()
        super().__init__(self._jumping)

    def time(self) -> float:
        return self._jumping.passed


def run(test: Callable[[], Awaitable[None]], *, seconds: float) -> None:
    """Run a test that starts no thread. Raises TimeoutError when it is not done after so many seconds of this time."""

    async def bounded() -> None:
        async with asyncio.timeout(seconds):
            await test()

    with asyncio.Runner(loop_factory=_Loop) as runner:
        runner.run(bounded())
