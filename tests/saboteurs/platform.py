"""A platform for one backend: starts it again when it dies, writes each start into its log, tells what it takes."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from deploy.localhub.runtime.programs.processes import usage
from deploy.verify.subject import Vitals
from tests.real.backend import Backend
from tests.saboteurs.live.endurance import DYING


class Platform:
    """`memory` is all that the backend may use, in bytes."""

    def __init__(self, backend: Backend, memory: int) -> None:
        self._backend = backend
        self._memory = memory
        self._wanted = True
        self._lock = threading.RLock()
        self._keeper = threading.Thread(target=self._keep, name="platform", daemon=True)
        self._start()
        self._keeper.start()

    def restart(self) -> None:
        with self._lock:
            self._backend.stop()
            self._start()

    def run_log(self) -> Sequence[str]:
        with self._alive():
            return self._backend.log.splitlines()

    def vitals(self) -> Vitals:
        with self._alive():
            used = usage([self._backend.pid])
        if used is None:  # it is dying just now
            self._backend.wait()
            return self.vitals()
        return Vitals(stage="RUNNING", memory_used=used.memory, memory_total=self._memory)

    def close(self) -> None:
        with self._lock:
            self._wanted = False
            self._backend.stop()
        self._keeper.join()

    def _start(self) -> None:
        self._dying.unlink(missing_ok=True)
        self._backend.note(f"===== Application Startup at {datetime.now(UTC):%Y-%m-%d %H:%M:%S.%f} =====")
        self._backend.start()

    @property
    def _dying(self) -> Path:
        return self._backend.data / DYING

    @contextmanager
    def _alive(self) -> Iterator[None]:
        """One that has died is up again. One that is about to has said so before the last that was heard of it."""
        with self._lock:
            if self._dying.exists():
                self._backend.wait()
            if self._backend.ended:
                self._start()
            yield

    def _keep(self) -> None:
        while True:
            self._backend.wait()
            with self._lock:
                if not self._wanted:
                    return
                if self._backend.ended:
                    self._start()


@contextmanager
def serving(backend: Backend, *, memory: int) -> Iterator[Platform]:
    """The backend, started and kept alive."""
    platform = Platform(backend, memory)
    try:
        yield platform
    finally:
        platform.close()
