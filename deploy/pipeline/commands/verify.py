"""verify: the checks against what serves now."""

from __future__ import annotations

from collections.abc import Callable

from deploy.errors import VerificationFailed
from deploy.pipeline.ending import Ending
from deploy.pipeline.failure import Failure, from_stage
from deploy.pipeline.proofs import of_settings
from deploy.pipeline.run import Run
from deploy.pipeline.steps.plan import plan_settings
from deploy.pipeline.steps.record import keep_evidence
from deploy.pipeline.steps.space import existing
from deploy.pipeline.steps.suite import suite_failure
from deploy.pipeline.steps.verify import verify as quick_checks
from deploy.proof import failures
from deploy.space.model import SpaceInfo
from deploy.stages import FAILED_STAGES


def verify(run: Run) -> None:
    """The checks against what serves. Raises VerificationFailed."""
    info = existing(run)

    def proved() -> Failure | None:
        run.prove(of_settings(*plan_settings(run, info)))
        return suite_failure(run)

    prove_what_serves(run, info, proved, ending=Ending.VERIFIED)


def prove_what_serves(run: Run, info: SpaceInfo, prove: Callable[[], Failure | None], *, ending: Ending) -> None:
    """Sees the existing Space serve, and then what `prove` has to say; all of it becomes evidence.

    Raises VerificationFailed.
    """
    try:
        _require_serving(run, info)
        if failure := prove():
            raise VerificationFailed(
                f"{run.target.space} serves. {failure.what}",
                cause=failure.cause,
                next_step=f"invoke report --to {run.target.name}",
                details=failure.details,
            )
        run.end(ending)
    finally:
        keep_evidence(run)


def _require_serving(run: Run, info: SpaceInfo) -> None:
    if info.runtime.stage in FAILED_STAGES:  # nothing will answer, however long it is asked
        failure = from_stage(run.client, info.sha, info.runtime)
        raise VerificationFailed(
            f"{run.target.space} does not serve. {failure.what}",
            cause=failure.cause,
            next_step=f"invoke restart --to {run.target.name}; invoke rollback --to {run.target.name}",
            details=failure.details,
        )
    failed = failures(quick_checks(run, run.revision))
    if failed:
        raise VerificationFailed(
            f"{len(failed)} of {len(run.checks)} checks failed on {run.target.space}.",
            cause=failed[0].line,
            next_step=f"invoke logs --to {run.target.name}",
            details=tuple(result.line for result in failed),
        )
