"""What the state machine asks of the thing that runs apps, be it a Docker engine or the operating system."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Protocol

from deploy.localhub.runtime.model import Exit, SpaceBuild, Superseded, Usage

Write = Callable[[str], None]
"""Takes a piece of a log, usually a line with its end."""


class Cancellation:
    """Told once that an attempt is pointless; work asks it between two steps and sleeps on it."""

    def __init__(self) -> None:
        self._event = threading.Event()

    def cancel(self) -> None:
        self._event.set()

    @property
    def cancelled(self) -> bool:
        return self._event.is_set()

    def check(self) -> None:
        """Raises Superseded once it was told."""
        if self._event.is_set():
            raise Superseded

    def sleep(self, seconds: float) -> None:
        """Wait; raises Superseded as soon as it is told."""
        if self._event.wait(seconds):
            raise Superseded


class Instance(Protocol):
    """One running app."""

    @property
    def keeps_folder(self) -> bool:
        """Whether the app runs in the checkout, so that the folder must stay as long as it does."""

    @property
    def own_port(self) -> bool:
        """Whether it listens on a port of its own choice, so that two revisions cannot run side by side."""

    def ports(self) -> tuple[int, ...]:
        """Ports of 127.0.0.1 on which it may answer, the likeliest first."""

    def exit(self) -> Exit | None:
        """How it ended, all its output being in the log; None while it runs."""

    def silence(self) -> str:
        """Why it does not answer, as far as one can tell from outside; may be empty."""

    def usage(self) -> Usage:
        """What it uses of the machine. Raises UsageUnknown."""

    def stop(self, grace: float) -> None:
        """Ask it to end, force it after `grace` seconds, and leave nothing behind. May be called twice."""


class Runner(Protocol):
    """Builds and starts. All methods block; none raises but what it says."""

    def build(self, build: SpaceBuild, write: Write, cancellation: Cancellation, *, fresh: bool) -> str:
        """Make what runs and give a reference to it; `fresh` trusts no cache.

        Raises AttemptFailed or Superseded.
        """

    def exists(self, reference: str) -> bool:
        """Whether what an earlier build made is still there."""

    def start(self, build: SpaceBuild, reference: str, write: Write, on_exit: Callable[[], None]) -> Instance:
        """Start the app; `write` gets its output, `on_exit` is called from another thread when it ended.

        Raises AttemptFailed.
        """

    def prune(self, space_id: str, keep: tuple[str, ...]) -> None:
        """Forget what was built for the Space except `keep`, and if that is anything, another one to go back to."""

    def sweep(self) -> None:
        """Remove what a Hub on the same home left running when it died. Only before anything is started."""

    def close(self) -> None:
        """Leave nothing behind of what was started here. The last call."""
