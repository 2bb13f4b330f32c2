"""One attempt at a time for each Space, and always the newest: what is in the making gives way."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from functools import partial

from deploy.localhub.runtime.attempt import Attempt


class AttemptQueue:
    """Works in a thread that lives as long as there is something to do. `lock` is that of the Space."""

    def __init__(self, name: str, lock: threading.RLock, carry_out: Callable[[Attempt], None]) -> None:
        self._name = name
        self._lock = lock
        self._carry_out = carry_out
        self._newest: Attempt | None = None
        self._waiting: Attempt | None = None
        self._chores: deque[Callable[[], None]] = deque()
        self._thread: threading.Thread | None = None

    def put(self, attempt: Attempt) -> None:
        """Carry it out as soon as what is being done has given up."""
        with self._lock:
            self.cancel()
            self._newest = self._waiting = attempt
            self._start_worker()

    def cancel(self) -> None:
        """Cancel what is being done and drop what waits."""
        with self._lock:
            if self._newest:
                self._newest.cancellation.cancel()
            if self._waiting:
                self._waiting.discard()
            self._newest = self._waiting = None

    def add_chore(self, chore: Callable[[], None]) -> None:
        """Do this before the next attempt."""
        with self._lock:
            self._chores.append(chore)
            self._start_worker()

    def finish(self, attempt: Attempt) -> bool:
        """The attempt came to its end; whether that still matters to anybody."""
        with self._lock:
            matters = attempt is self._newest
            if matters:
                self._newest = None
            return matters

    def join(self) -> None:
        """Wait until nothing is being done."""
        while thread := self._thread:
            thread.join()

    def _start_worker(self) -> None:
        if self._thread is None and (self._waiting or self._chores):
            self._thread = threading.Thread(target=self._work, name=self._name, daemon=True)
            self._thread.start()

    def _work(self) -> None:
        try:
            while work := self._next():
                work()
        except BaseException:
            with self._lock:
                self._thread = None
                self._start_worker()
            raise

    def _next(self) -> Callable[[], None] | None:
        """What to do now; when that is nothing, the thread is as good as gone."""
        with self._lock:
            if self._chores:
                return self._chores.popleft()
            attempt, self._waiting = self._waiting, None
            if attempt is None:
                self._thread = None
                return None
            return partial(self._carry_out, attempt)
