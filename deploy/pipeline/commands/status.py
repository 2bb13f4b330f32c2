"""status: what serves on a Space now, and who holds it."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from deploy.pipeline.run import Run
from deploy.pipeline.steps.space import existing
from deploy.space.lease import current
from deploy.stages import RUNNING
from deploy.verify.app import Viewer
from deploy.wording import in_brief


@dataclass(frozen=True, kw_only=True)
class Status:
    """`revision` is what the Space's files say, `answers` what the app itself says (None: no answer).

    `error` is the Hub's reason for the stage, which may be many lines of a log.
    """

    target: str
    space: str
    url: str
    page: str
    stage: str
    error: str | None
    commit: str
    serving: str | None
    revision: str
    answers: str | None
    lease: str | None

    @property
    def healthy(self) -> bool:
        return self.stage == RUNNING and self.serving == self.commit and self.answers in {self.revision, None}

    def document(self) -> dict[str, object]:
        return {**asdict(self), "healthy": self.healthy}

    def text(self) -> str:
        rows = {
            "space": f"{self.space}  {self.page}",
            "app": self.url,
            "stage": f"{self.stage}{f' ({in_brief(self.error)})' if self.error else ''}",
            "commit": self.commit[:12],
            "serving": (self.serving or "unknown")[:12],
            "revision": self.revision[:12] or "unknown",
            "app says": (self.answers or "nothing")[:12],
            "lease": self.lease or "free",
        }
        return "\n".join(f"  {name:<9} {value}" for name, value in rows.items())


def status(run: Run) -> Status:
    """5 requests to the Hub and one to the app."""
    info = existing(run)
    held, lease = current(run.client.refs())
    viewer = Viewer(token=run.client.viewer_token) if info.private else None
    with run.visit(info.host, viewer) as app:
        answer = app.ask(run.config.app.version) if run.config.app.version else None
    return Status(
        target=run.target.name,
        space=info.id,
        url=info.host,
        page=run.client.page,
        stage=info.runtime.stage,
        error=info.runtime.error_message,
        commit=info.sha,
        serving=info.runtime.sha,
        revision=run.revision,
        answers=answer.revision if answer else None,
        lease=f"held by {lease.holder} until {lease.until:%H:%M} UTC" if lease else "held, unsigned" if held else None,
    )
