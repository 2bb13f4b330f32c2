"""deploy: the source is shipped and proved to serve, or the Space goes back; as a story."""

from __future__ import annotations

from collections.abc import Callable

from deploy.errors import VerificationFailed
from deploy.evidence.store import record
from deploy.pipeline.desired import desired_state
from deploy.pipeline.ending import Ending
from deploy.pipeline.failure import from_checks
from deploy.pipeline.proofs import of_configuration, of_settings, of_the_whole
from deploy.pipeline.run import Run
from deploy.pipeline.steps.audit import audit_source
from deploy.pipeline.steps.check import check_source
from deploy.pipeline.steps.lock import check_lock
from deploy.pipeline.steps.plan import confirm, plan_changes, refuse_superseded, show
from deploy.pipeline.steps.record import keep_evidence
from deploy.pipeline.steps.rehearsal import Rehearsal
from deploy.pipeline.steps.release import release
from deploy.pipeline.steps.source import Staged, shipping
from deploy.pipeline.steps.verify import verify
from deploy.pipeline.steps.wait import await_serving
from deploy.proof import failures
from deploy.space.observe import Observed, observe
from deploy.space.plan import make_plan


def inspect(run: Run, source: Staged) -> None:
    """What must be right before anything is planned. Raises ChecksFailed, LockError."""
    check_source(run, source.tree)
    check_lock(run)


def deploy(
    run: Run,
    rehearsal: Rehearsal,
    *,
    plan_only: bool,
    yes: bool,
    inspect: Callable[[Run, Staged], None] = inspect,
    audit: Callable[[Run, Staged], None] = audit_source,
) -> None:
    """Ship the source to the target and prove that it serves; `run` holds the outcome.

    Raises a DeployError for every other ending: the error's class says which.
    """
    rehearsal.require(run)
    with shipping(run) as source:
        inspect(run, source)
        changes, observed = plan_changes(run, source)
        refuse_superseded(run, changes)
        show(run, changes)
        if plan_only:
            run.end(Ending.PLANNED if changes else Ending.UNCHANGED)
            return
        if not changes:
            _see_it_still_serves(run, observed)
            return
        confirm(run, yes=yes)
        run.said_yes = yes
        try:
            with run.ending(Ending.DEPLOYED):
                if not changes.only_verifies:
                    audit(run, source)
                    rehearsal.rehearse(run, source)
                release(run, changes, observed)
            if run.config.suite == "full":
                _plan_again(run, source)
        finally:
            _record(run)


def _plan_again(run: Run, source: Staged) -> None:
    """What a second plan would change is what this deploy should have."""
    desired = desired_state(source.tree, source.folder, run.target, run.settings)
    observed = observe(run.client, desired.entries)
    plan = make_plan(desired, observed)
    run.prove(of_settings(plan, observed), of_configuration(plan))
    run.prove(of_the_whole(run))  # the settings are part of the whole


def _record(run: Run) -> None:
    """How it ended matters more than that it can be written down."""
    try:
        keep_evidence(run)
        record(run.config.root, run.target.name, run.deploy, run.document(), run.console.redact)
    except OSError as error:
        run.console.warn(f"The record of this deploy could not be written: {error}")


def _see_it_still_serves(run: Run, observed: Observed) -> None:
    """Nothing to write; a build that is still under way is waited for, and the app is asked."""
    if observed.serving:
        failed = failures(verify(run, run.revision))
        failure = from_checks(run.client, failed) if failed else None
        run.serving = "" if failed else run.revision
    else:
        failure = await_serving(run, run.commit, run.revision)
    if failure:
        raise VerificationFailed(
            f"Nothing to deploy, but the Space does not serve. {failure.what}",
            cause=failure.cause,
            next_step=f"invoke logs --to {run.target.name}; invoke restart --to {run.target.name}",
            details=failure.details,
        )
    run.end(Ending.UNCHANGED)
