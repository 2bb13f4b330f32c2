"""rehearsal: what would be shipped is built and booted here first, or it is said why not."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass

from deploy.console import Console
from deploy.errors import BuildFailed, EngineUnavailable, SmokeFailed
from deploy.image.boot import Serving, SmokeRequest
from deploy.image.build import BuildOutcome, mark_passed
from deploy.image.contents import Contents
from deploy.image.engine import Engine
from deploy.image.smoke import SmokeReport, served
from deploy.pipeline.failure import from_proofs
from deploy.pipeline.proofs import of_failed_build, of_failed_smoke, of_layers, of_no_rehearsal, of_rehearsal
from deploy.pipeline.run import Run
from deploy.pipeline.steps.build import build
from deploy.pipeline.steps.candidate import Candidate
from deploy.pipeline.steps.layers import search_layers
from deploy.pipeline.steps.smoke import smoke
from deploy.pipeline.steps.source import Staged
from deploy.pipeline.steps.suite import note_operations, prove_container
from deploy.proof import failures

_LOG_LINES = 20_000
_STEPS = (
    "image build",
    "search of its layers",
    "boot on a random $PORT",
    "boot with $PORT unset",
    "checks against the container",
)


@dataclass(frozen=True, kw_only=True)
class ImageSteps:
    """What is done with a candidate, one after the other."""

    candidate: Callable[..., Candidate] = Candidate.of
    build: Callable[[Candidate, Console], BuildOutcome] = build
    search: Callable[..., Contents] = search_layers
    smoke: Callable[[Candidate, BuildOutcome, Console], SmokeReport] = smoke
    served: Callable[[Engine, SmokeRequest], AbstractContextManager[Serving]] = served


@dataclass(frozen=True, kw_only=True)
class Rehearsal:
    """`engine` None: there is no Docker engine, and `absence` says why. `waived`: the user said to go without."""

    engine: Engine | None
    absence: EngineUnavailable | None
    waived: bool
    steps: ImageSteps = ImageSteps()

    @classmethod
    def prepare(cls, *, waived: bool) -> Rehearsal:
        """Look for an engine."""
        try:
            return cls(engine=Engine.connect(), absence=None, waived=waived)
        except EngineUnavailable as error:
            return cls(engine=None, absence=error, waived=waived)

    def require(self, run: Run) -> None:
        """Nothing is shipped unrehearsed without a word. Raises EngineUnavailable."""
        if self.engine and not self.waived:
            return
        run.not_rehearsed.extend(_STEPS)
        if not (run.target.is_local or self.waived):
            raise EngineUnavailable(
                f"{run.target.name!r} cannot be rehearsed: no Docker engine answers. Nothing was changed.",
                cause=self.absence.cause if self.absence else None,
                next_step="start Docker and run the command again; or go without: --without-rehearsal",
            )

    def rehearse(self, run: Run, source: Staged) -> None:
        """Build, search, boot twice, and run the checks. Raises BuildFailed, SmokeFailed, EngineUnavailable."""
        if not self.engine or self.waived:
            reason = "told to go without" if self.waived else "no Docker engine here"
            run.prove(*of_no_rehearsal(reason))
            with run.console.step("rehearsal") as step:
                step.skip(reason)
            return
        steps = self.steps
        candidate = steps.candidate(self.engine, run.config, run.target, run.settings, source)
        outcome = _build(run, candidate, steps)
        _search(run, candidate, outcome, steps)
        _smoke(run, candidate, outcome, steps)
        if run.config.suite == "full":
            with steps.served(self.engine, candidate.request(outcome.image.id)) as serving:
                if outcome.reused:
                    note_operations(run, serving.url)
                else:
                    _require_all(run, candidate, serving)
            mark_passed(self.engine, candidate.source, outcome)


def _build(run: Run, candidate: Candidate, steps: ImageSteps) -> BuildOutcome:
    try:
        outcome = steps.build(candidate, run.console)
    except BuildFailed as error:
        run.prove(of_failed_build(error))
        raise
    run.image = outcome.image.id
    return outcome


def _search(run: Run, candidate: Candidate, outcome: BuildOutcome, steps: ImageSteps) -> None:
    """Raises SmokeFailed when a secret is in the image."""
    contents = steps.search(
        candidate, outcome, run.console, *run.made.items(), ("the Hub token", run.client.viewer_token)
    )
    run.prove(*of_layers(outcome, contents, run.target.secrets))
    contents.require_clean()


def _smoke(run: Run, candidate: Candidate, outcome: BuildOutcome, steps: ImageSteps) -> None:
    try:
        report = steps.smoke(candidate, outcome, run.console)
    except SmokeFailed as error:
        run.prove(*of_failed_smoke(outcome, error))
        raise
    run.prove(*of_rehearsal(outcome, report, read_only=run.config.app.read_only))


def _require_all(run: Run, candidate: Candidate, serving: Serving) -> None:
    """The suite against the container. Raises SmokeFailed."""
    log = serving.container.log_tail
    proofs = prove_container(run, serving.url, candidate.secrets, lambda: log(_LOG_LINES).splitlines())
    if failed := failures(proofs):
        failure = from_proofs(failed)
        raise SmokeFailed(
            f"The image serves in a container. {failure.what} Nothing was changed on the Space.",
            cause=failure.cause,
            next_step="mend the app and run the command again",
            details=failure.details,
        )
