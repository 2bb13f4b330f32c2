"""Runs of commands against a Space in memory whose app answers what was last shipped to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx2

from deploy.config import Config
from deploy.pipeline.ending import Ending
from deploy.pipeline.run import Run
from deploy.pipeline.steps.release import release
from deploy.revision import REVISION_FILE
from deploy.secret import Secret
from deploy.settings import Settings
from deploy.space.observe import observe
from deploy.space.plan import make_plan
from deploy.verify.app import App, Viewer
from deploy.verify.everything import Suite
from deploy.verify.tools import Tools
from tests.unit.ground.builders import Recorded, configured
from tests.unit.space.builders import desired, settings
from tests.unit.space.memory_hub import MemoryHub

TOML = """
default = "staging"
[[checks]]
path = "/tasks"
[targets.staging]
hub = "https://hub.example"
space = "owner/tasks"
build_timeout = 600
"""


@dataclass
class Story:
    """`broken` are the revisions whose app fails its checks, as any does while it is not `healthy`.

    `visited` are the addresses asked, and for whom; `told_revision` is what the app tells in place of its own.
    `app` answers instead of it.
    """

    root: Path
    hub: MemoryHub = field(default_factory=MemoryHub)
    recorded: Recorded = field(default_factory=Recorded)
    broken: set[str] = field(default_factory=set)
    visited: list[tuple[str, Secret | None]] = field(default_factory=list)
    told_revision: str = ""
    healthy: Callable[[], bool] = lambda: True
    toml: str = TOML
    places: dict[str, str] = field(default_factory=dict)
    now: float = 0.0
    tools: Tools | None = None
    suite: Suite | None = None
    app: Callable[[httpx2.Request], httpx2.Response] | None = None
    viewers: list[Viewer | None] = field(default_factory=list)

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        self.hub.traffic.pass_by(seconds)

    @property
    def serving(self) -> str:
        """The revision of the app that answers."""
        return self.hub.files.get(REVISION_FILE, b"").decode().strip()

    def answer(self, request: httpx2.Request) -> httpx2.Response:
        if request.url.path == "/tasks" and (self.serving in self.broken or not self.healthy()):
            return httpx2.Response(500)
        return httpx2.Response(200, json={"revision": self.told_revision or self.serving})

    @contextmanager
    def visit(self, url: str, viewer: Viewer | None) -> Iterator[App]:
        """The app in this process, and not a request on the network."""
        with httpx2.Client(transport=httpx2.MockTransport(self.app or self.answer)) as client:
            self.viewers.append(viewer)
            self.visited.append((url, viewer.token if viewer else None))
            yield App(url, client)

    @property
    def config(self) -> Config:
        return configured(self.root, self.toml)

    def run(self, variables: Mapping[str, str] | None = None, secrets: Mapping[str, str] | None = None) -> Run:
        """A command that has just begun."""
        values = {name: Secret(value) for name, value in (secrets or {}).items()}
        return Run(
            config=self.config,
            target=self.config.target(),
            settings=Settings(variables=variables or {}, secrets=values, token=None, places=self.places),
            client=self.hub.client,
            console=self.recorded.console,
            clock=lambda: self.now,
            sleep=self.sleep,
            visit=self.visit,
            tools=self.tools,
            suite=self.suite,
        )

    def ship(
        self,
        revision: str,
        variables: Mapping[str, str] | None = None,
        secrets: Mapping[str, str] | None = None,
        *,
        run: Run | None = None,
        meanwhile: Callable[[], object] = lambda: None,
        **files: bytes,
    ) -> Run:
        """What a deploy does once it is planned and rehearsed; `meanwhile` others may do something."""
        run = run or self.run(variables, secrets)
        run.revision, run.source_sha = revision, "5" * 40
        contents = {"Dockerfile": b"FROM scratch", REVISION_FILE: revision.encode(), **files}
        wanted = desired(contents, settings(variables, secrets))
        observed = observe(run.client, wanted.entries)
        run.url = observed.info.host if observed.info else ""
        plan = make_plan(wanted, observed)
        meanwhile()
        with run.ending(Ending.DEPLOYED):
            release(run, plan, observed)
        return run
