"""One try to bring a commit of a Space up, and the revision it becomes when it succeeds."""

from __future__ import annotations

import secrets
import shutil
import threading
from dataclasses import dataclass, field, replace
from pathlib import Path

from deploy.localhub.runtime.address.proxy import Upstream
from deploy.localhub.runtime.logs.stream import LogStream
from deploy.localhub.runtime.model import Reading, SpaceBuild
from deploy.localhub.runtime.record import Built
from deploy.localhub.runtime.rollout import Phase
from deploy.localhub.runtime.runner import Cancellation, Instance


@dataclass(eq=False, kw_only=True)
class Attempt:
    """`built` is what an earlier build of the same commit left; None asks for a build, without caches if `fresh`.

    `quiet` leaves the reported stage as it is: an older revision is served again after a restart of the Hub,
    although a later one failed.
    """

    build: SpaceBuild
    built: Built | None = None
    fresh: bool = False
    quiet: bool = False
    cancellation: Cancellation = field(default_factory=Cancellation)

    @property
    def phase(self) -> Phase:
        return Phase.STARTING if self.built else Phase.BUILDING

    @property
    def commit(self) -> str:
        return self.build.commit

    def discard(self) -> None:
        """Give the checkout up."""
        shutil.rmtree(self.build.folder, ignore_errors=True)


@dataclass(eq=False, kw_only=True)
class Revision:
    """A commit whose app answered, with what is needed to send it visitors and to end it. `gone` is set when the app
    ended by itself while it served, and its Space says so."""

    attempt: Attempt
    built: Built
    instance: Instance
    upstream: Upstream
    log: LogStream
    replica: str = field(default_factory=lambda: secrets.token_hex(3))
    gone: threading.Event = field(default_factory=threading.Event)

    def reading(self) -> Reading:
        """What it uses now, and may use. Raises UsageUnknown."""
        return Reading(replica=self.replica, usage=self.instance.usage(), size=self.attempt.build.size)

    @property
    def commit(self) -> str:
        return self.attempt.commit

    def retire(self, *, drain: float, grace: float, keep_folder: bool = False) -> None:
        """Wait up to `drain` seconds for its requests to end, then end it, within `grace` seconds or by force."""
        self.upstream.idle.wait(drain)
        self.instance.stop(grace)
        self.log.close()
        if not keep_folder:
            self.attempt.discard()


def adopt(build: SpaceBuild, below: Path) -> SpaceBuild:
    """Take the checkout over, into a folder of the runtime's own."""
    below.mkdir(parents=True, exist_ok=True)
    folder = below / f"{build.commit[:12]}-{secrets.token_hex(4)}"
    return replace(build, folder=Path(shutil.move(build.folder, folder)))
