"""One run of a command that may change a Space: what it works with, and what is known of it so far."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from deploy.config import Config, Target
from deploy.console import Console
from deploy.errors import DeployError
from deploy.evidence.store import folder
from deploy.pipeline.ending import Ending
from deploy.proof import Proof, Verdict
from deploy.secret import Secret
from deploy.settings import Settings
from deploy.space.apply import Journal
from deploy.space.client import HubClient
from deploy.verify.app import App, Viewer, visiting

if TYPE_CHECKING:
    from deploy.verify.everything import Suite
    from deploy.verify.tools import Tools

Visit = Callable[[str, Viewer | None], AbstractContextManager[App]]


def new_deploy_id() -> str:
    """Sorts by time and is unique: `20261122T201530Z-1f9c2b7a`."""
    return f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(4)}"


@dataclass(kw_only=True)
class Run:
    """Values that do not change, and the facts that the final document is made of.

    `revision` is the one the command is about, `serving` the one that was seen to serve in the end.
    `described` are the operations that the rehearsed container said it has.
    `made` are secrets that this run made up, by name.
    `said_yes`: what a protected target asks was answered beforehand. `older`: secrets are wanted that were rotated out.
    `tally`: how many tasks have which verdict.
    `clock`, `sleep` and `visit` are how time passes and apps are asked; `tools` and `suite` None: those of the project.
    """

    config: Config
    target: Target
    settings: Settings
    client: HubClient
    console: Console
    deploy: str = field(default_factory=new_deploy_id)
    journal: Journal = field(default_factory=Journal)

    revision: str = ""
    serving: str = ""
    source_sha: str = ""
    image: str = ""
    url: str = ""
    commit: str = ""
    said_yes: bool = False
    older: bool = False
    not_rehearsed: list[str] = field(default_factory=list)
    checks: list[Mapping[str, Any]] = field(default_factory=list)
    described: tuple[str, ...] = ()
    made: dict[str, Secret] = field(default_factory=dict)
    proofs: dict[str, Proof] = field(default_factory=dict)
    tally: Mapping[Verdict, int] = field(default_factory=dict)
    started: datetime = field(default_factory=lambda: datetime.now(UTC))
    ended: Ending | None = None

    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    visit: Visit = visiting
    tools: Tools | None = None
    suite: Suite | None = None

    def end(self, ending: Ending) -> None:
        """How it ended. What is said first stands, as what comes after it is only the telling."""
        self.ended = self.ended or ending

    @contextmanager
    def ending(self, good: Ending) -> Iterator[None]:
        """How the run ended is how the block does: well, by an error, or by Ctrl-C."""
        try:
            yield
        except DeployError as error:
            self.end(Ending.of(error))
            raise
        except KeyboardInterrupt:
            self.end(Ending.INTERRUPTED)
            raise
        self.end(good)

    @property
    def verdict(self) -> Ending:
        return self.ended or Ending.FAILED

    @property
    def rolled_back(self) -> bool:
        return self.verdict is Ending.ROLLED_BACK

    @property
    def folder(self) -> Path:
        """Where the evidence of this run is kept."""
        return folder(self.config.root, self.target.name, self.deploy)

    def prove(self, *proofs: Proof) -> None:
        """Keeps what was seen; what is seen of the Space replaces what was seen of the container before."""
        self.proofs |= {proof.check: proof for proof in proofs}

    def document(self) -> dict[str, object]:
        """The one document of `--json`, the same whatever the verdict."""
        return {
            "target": self.target.name,
            "space": self.target.space,
            "page": self.client.page,
            "url": self.url,
            "deploy": self.deploy,
            "revision": self.revision,
            "serving": self.serving or None,
            "source_sha": self.source_sha,
            "image": self.image or None,
            "commit": self.commit or None,
            "changed": bool(self.journal),
            "rolled_back": self.rolled_back,
            "verdict": self.verdict,
            "written": list(self.journal.lines),
            "not_rehearsed": self.not_rehearsed,
            "checks": self.checks,
            "requests": dict(sorted(self.client.traffic.counts.items())),
            "steps": [
                {"name": step.name, "seconds": step.seconds, "outcome": step.outcome, "note": step.note}
                for step in self.console.steps
            ],
        }
