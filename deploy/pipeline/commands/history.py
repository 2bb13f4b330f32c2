"""history: what was released on a Space, newest first."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from deploy.marks import MARKS
from deploy.pipeline.run import Run
from deploy.pipeline.steps.space import existing
from deploy.space.history import PastRelease, history


@dataclass(frozen=True, kw_only=True)
class PastReleases:
    releases: tuple[PastRelease, ...]

    def document(self) -> dict[str, object]:
        return {"releases": [asdict(release) for release in self.releases]}

    def text(self) -> str:
        return "\n".join(_row(release) for release in self.releases)


def past_releases(run: Run) -> PastReleases:
    existing(run)
    return PastReleases(releases=history(run.client))


def _row(past: PastRelease) -> str:
    mark = MARKS["passed"] if past.good else " "
    revision = past.release.revision[:12] if past.release else "-"
    return f"  {mark} {past.commit[:12]}  {past.date:%Y-%m-%d %H:%M}  {revision:<12}  {past.title}"
