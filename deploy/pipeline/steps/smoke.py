"""smoke: the image boots as on a Space, and answers every declared check."""

from __future__ import annotations

from deploy.console import Console
from deploy.errors import SmokeFailed
from deploy.image.boot import Serving
from deploy.image.build import BuildOutcome, mark_passed
from deploy.image.diagnosis import SEARCHED_LINES, SHOWN_LINES
from deploy.image.smoke import SmokeReport, smoke_image
from deploy.logs import end_of
from deploy.pipeline.steps.candidate import Candidate
from deploy.proof import failures
from deploy.verify.app import visiting
from deploy.verify.readiness import verify
from deploy.wording import counted

_NOTHING_RUN = SmokeReport(boots=(), warnings=())


def smoke(candidate: Candidate, outcome: BuildOutcome, console: Console) -> SmokeReport:
    """Boot it, unless it passed before. Raises SmokeFailed, EngineUnavailable.

    It has passed when it boots, or in a project that demands the whole suite, when that is through.
    """
    with console.step("smoke") as step:
        if outcome.reused:
            step.skip("this image passed before")
            return _NOTHING_RUN
        report = smoke_image(
            candidate.engine,
            candidate.request(outcome.image.id),
            while_serving=lambda serving: _require_answers(candidate, serving),
        )
        step.note(report.summary)
    for warning in report.warnings:
        console.warn(warning)
    if candidate.config.suite == "serving":
        mark_passed(candidate.engine, candidate.source, outcome)
    return report


def _require_answers(candidate: Candidate, serving: Serving) -> None:
    """Raises SmokeFailed."""
    config = candidate.config
    with visiting(serving.url) as app:
        failed = failures(verify(app, config.app, config.checks, candidate.source.revision))
    if failed:
        log = serving.container.log_tail(SEARCHED_LINES).splitlines()
        raise SmokeFailed(
            f"The image serves, and {counted(len(failed), 'declared check')} failed in its container.",
            cause=failed[0].line,
            next_step="mend the app, or the [[checks]] in deploy.toml; invoke smoke",
            details=(*(result.line for result in failed), *end_of(log, SHOWN_LINES)),
        )
