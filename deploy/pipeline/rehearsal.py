"""Whether what would be shipped is rehearsed here, and what is said when it is not."""

from __future__ import annotations

from dataclasses import dataclass

from deploy.errors import EngineUnavailable
from deploy.image.engine import Engine
from deploy.pipeline.run import Run
from deploy.pipeline.staging import Staged
from deploy.pipeline.trial import Trial

_STEPS = ("image build", "boot on a random $PORT", "boot with $PORT unset", "checks against the container")


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
        """Build, boot twice, and run the checks. Raises BuildFailed, SmokeFailed, EngineUnavailable."""
        if not self.engine or self.waived:
            with run.console.step("rehearsal") as step:
                step.skip("told to go without" if self.waived else "no Docker engine here")
            return
        trial = Trial.of(self.engine, run.config, run.target, run.settings, source)
        outcome = trial.build(run.console)
        run.image = outcome.image.id
        trial.smoke(outcome, run.console)
