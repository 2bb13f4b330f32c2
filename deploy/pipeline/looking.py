"""What a person asks about a Space: what serves, what it says, what was released, who holds it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

from deploy.marks import MARKS
from deploy.pipeline.parts import existing
from deploy.pipeline.run import Run
from deploy.space.history import PastRelease, history
from deploy.space.lease import break_lease, current
from deploy.stages import RUNNING
from deploy.verify.app import Viewer, visiting
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


@dataclass(frozen=True, kw_only=True)
class PastReleases:
    releases: tuple[PastRelease, ...]

    def document(self) -> dict[str, object]:
        return {"releases": [asdict(release) for release in self.releases]}

    def text(self) -> str:
        return "\n".join(_row(release) for release in self.releases)


def status(run: Run) -> Status:
    """5 requests to the Hub and one to the app."""
    info = existing(run)
    held, lease = current(run.client.refs())
    viewer = Viewer(token=run.client.viewer_token) if info.private else None
    with visiting(info.host, viewer) as app:
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


def logs(run: Run, kind: str, *, follow: bool) -> None:
    """Print a log as it comes. In json mode each line is a document, as a log has no end to wait for."""
    existing(run)
    for line in run.client.logs(kind, follow=follow):
        run.console.data(json.dumps({"log": kind, "line": line}) if run.console.mode == "json" else line)


def past_releases(run: Run) -> PastReleases:
    existing(run)
    return PastReleases(releases=history(run.client))


def unlock(run: Run) -> str:
    """Clear the lease; gives a sentence about what it was, or "" when there was none."""
    existing(run)
    held, _ = current(run.client.refs())
    lease = break_lease(run.client)
    if lease:
        return f"Cleared the lease that {lease.holder} took at {lease.since:%Y-%m-%d %H:%M:%S} UTC."
    return "Cleared an unsigned lease." if held else ""


def _row(past: PastRelease) -> str:
    mark = MARKS["passed"] if past.good else " "
    revision = past.release.revision[:12] if past.release else "-"
    return f"  {mark} {past.commit[:12]}  {past.date:%Y-%m-%d %H:%M}  {revision:<12}  {past.title}"
