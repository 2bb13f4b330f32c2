"""What visitors of a Space get: the revision behind its address, exchanged without a gap and ended in its own time."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace

from deploy.localhub.runtime.address.access import Access
from deploy.localhub.runtime.address.proxy import Proxy
from deploy.localhub.runtime.attempt import Revision
from deploy.localhub.runtime.model import RuntimeState, SpaceBuild


@dataclass(frozen=True, kw_only=True)
class StopTimeouts:
    """Seconds: how long a replaced revision may finish its requests, and then end."""

    drain: float = 5.0
    grace: float = 10.0


class Router:
    """Used under the lock of its Space; what takes time happens in threads, which `join` waits for."""

    def __init__(self, listener: socket.socket, state: Callable[[], RuntimeState], timeouts: StopTimeouts) -> None:
        self.proxy = Proxy(listener, state)
        self.serving: Revision | None = None
        self._timeouts = timeouts
        self._retiring: list[threading.Thread] = []

    def admit(self, build: SpaceBuild) -> None:
        """Let those in who may see the Space."""
        self.proxy.access = Access(private=build.private, viewers=build.viewers)

    def show(self, *, private: bool) -> None:
        self.proxy.access = replace(self.proxy.access, private=private)

    def shut(self) -> None:
        """Answer everybody as if there were no such Space."""
        self.proxy.access = Access.shut()

    def swap(self, revision: Revision) -> Revision | None:
        """From now on visitors get this one; the one before, which is given, ends when its visitors are served."""
        before, self.serving = self.serving, revision
        self.proxy.route(revision.upstream)
        if before:
            self._retire(before, drain=self._timeouts.drain)
        return before

    def detach(self, *, drain: float = 0.0, keep_folder: bool = False) -> threading.Thread | None:
        """From now on nothing serves; the thread that ends what did. A kept folder lets the next Hub start it again."""
        before, self.serving = self.serving, None
        self.proxy.route(None)
        return self._retire(before, drain=drain, keep_folder=keep_folder) if before else None

    @property
    def retiring(self) -> tuple[threading.Thread, ...]:
        """Threads that are still ending revisions."""
        return tuple(self._retiring)

    def _retire(self, revision: Revision, *, drain: float, keep_folder: bool = False) -> threading.Thread:
        def end() -> None:
            revision.retire(drain=drain, grace=self._timeouts.grace, keep_folder=keep_folder)

        thread = threading.Thread(target=end, name=f"end of {revision.commit[:7]}", daemon=True)
        self._retiring = [*(other for other in self._retiring if other.is_alive()), thread]
        thread.start()
        return thread
