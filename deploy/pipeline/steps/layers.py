"""layers: whether the value of a secret stands in the image."""

from __future__ import annotations

from deploy.console import Console
from deploy.image.build import BuildOutcome
from deploy.image.contents import Contents, search
from deploy.image.traces import Named
from deploy.pipeline.steps.candidate import Candidate


def search_layers(candidate: Candidate, outcome: BuildOutcome, console: Console, *more: Named) -> Contents:
    """Look for known values, and `more` of them, in the image: also in one that passed before, as a secret may be
    newer than it. Raises EngineUnavailable.
    """
    with console.step("layers") as step:
        contents = search(lambda: candidate.engine.saved(outcome.image), (*candidate.known, *more))
        step.note(contents.summary)
        if contents.leaks:
            step.fail(contents.summary)
        if contents.unreadable:
            step.skip(contents.unreadable)
    return contents
