"""build: the image, made as the Space would make it."""

from __future__ import annotations

from deploy.console import Console
from deploy.image.build import BuildOutcome, build_image
from deploy.pipeline.steps.candidate import Candidate


def build(candidate: Candidate, console: Console) -> BuildOutcome:
    """Raises BuildFailed, EngineUnavailable."""
    with console.step("build") as step:
        outcome = build_image(candidate.engine, candidate.source, on_line=step.line)
        step.note(outcome.summary)
    return outcome
