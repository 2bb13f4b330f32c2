"""Whether what would be shipped is rehearsed here, and what is said when it is not."""

from __future__ import annotations

from dataclasses import dataclass

from deploy.errors import BuildFailed, EngineUnavailable, SmokeFailed
from deploy.image.boot import Serving
from deploy.image.build import BuildOutcome
from deploy.image.engine import Engine
from deploy.pipeline.failure import from_proofs
from deploy.pipeline.proofs import of_failed_build, of_failed_smoke, of_layers, of_no_rehearsal, of_rehearsal
from deploy.pipeline.proving import note_operations, prove_container
from deploy.pipeline.run import Run
from deploy.pipeline.staging import Staged
from deploy.pipeline.trial import Trial
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
class Rehearsal:
    """`engine` None: there is no Docker engine, and `absence` says why. `waived`: the user said to go without."""

    engine: Engine | None
    absence: EngineUnavailable | None
    waived: bool

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
        trial = Trial.of(self.engine, run.config, run.target, run.settings, source)
        outcome = _build(run, trial)
        _search(run, trial, outcome)
        _smoke(run, trial, outcome)
        if run.config.suite == "full" and outcome.reused:
            trial.stand(outcome, lambda serving: note_operations(run, serving.url))
        elif run.config.suite == "full":
            trial.stand(outcome, lambda serving: _require_all(run, trial, serving))


def _build(run: Run, trial: Trial) -> BuildOutcome:
    try:
        outcome = trial.build(run.console)
    except BuildFailed as error:
        run.prove(of_failed_build(error))
        raise
    run.image = outcome.image.id
    return outcome


def _search(run: Run, trial: Trial, outcome: BuildOutcome) -> None:
    """Raises SmokeFailed when a secret is in the image."""
    contents = trial.search(outcome, run.console, *run.made.items(), ("the Hub token", run.client.viewer_token))
    run.prove(*of_layers(outcome, contents, run.target.secrets))
    contents.require_clean()


def _smoke(run: Run, trial: Trial, outcome: BuildOutcome) -> None:
    try:
        report = trial.smoke(outcome, run.console)
    except SmokeFailed as error:
        run.prove(*of_failed_smoke(outcome, error))
        raise
    run.prove(*of_rehearsal(outcome, report))


def _require_all(run: Run, trial: Trial, serving: Serving) -> None:
    """The suite against the container. Raises SmokeFailed."""
    log = serving.container.log_tail
    proofs = prove_container(run, serving.url, trial.secrets, lambda: log(_LOG_LINES).splitlines())
    if failed := failures(proofs):
        failure = from_proofs(failed)
        raise SmokeFailed(
            f"The image serves in a container. {failure.what} Nothing was changed on the Space.",
            cause=failure.cause,
            next_step="mend the app and run the command again",
            details=failure.details,
        )
