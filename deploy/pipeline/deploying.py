"""A whole deploy, as a story."""

from __future__ import annotations

from deploy.errors import VerificationFailed
from deploy.evidence.ledger import record
from deploy.pipeline.auditing import audit_source
from deploy.pipeline.concluding import conclude_run
from deploy.pipeline.desired import desired_state
from deploy.pipeline.failure import from_checks
from deploy.pipeline.planning import plan_changes, shipping
from deploy.pipeline.preflight import check_lock, check_source
from deploy.pipeline.proofs import of_configuration, of_settings, of_the_whole
from deploy.pipeline.rehearsal import Rehearsal
from deploy.pipeline.release import release
from deploy.pipeline.run import Run
from deploy.pipeline.serving import await_serving, check
from deploy.pipeline.staging import Staged
from deploy.proof import failures
from deploy.space.observe import Observed, observe
from deploy.space.plan import Plan, make_plan


def deploy(run: Run, rehearsal: Rehearsal, *, plan_only: bool, yes: bool) -> None:
    """Ship the source to the target and prove that it serves; `run` holds the outcome.

    Raises a DeployError for every other ending: the error's class says which.
    """
    rehearsal.require(run)
    with shipping(run) as source:
        check_source(run, source.tree)
        check_lock(run)
        changes, observed = plan_changes(run, source)
        show(run, changes)
        if plan_only:
            run.verdict = "planned" if changes else "unchanged"
            return
        if not changes:
            _see_it_still_serves(run, observed)
            return
        confirm(run, yes=yes)
        run.said_yes = yes
        try:
            audit_source(run, source)
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
        conclude_run(run)
        record(run.config.root, run.target.name, run.deploy, run.document(), run.console.redact)
    except OSError as error:
        run.console.warn(f"The record of this deploy could not be written: {error}")


def plan(run: Run) -> None:
    """What a deploy would change, shown; nothing is rehearsed and nothing written."""
    with shipping(run) as source:
        changes, _ = plan_changes(run, source)
    show(run, changes)
    run.verdict = "planned" if changes else "unchanged"


def show(run: Run, plan: Plan) -> None:
    """The plan as text: what would change, and what is left alone on purpose."""
    for change in plan.changes:
        run.console.say("\n".join(f"      {line}" for line in str(change).splitlines()))
    for note in plan.notes:
        run.console.warn(note)


def confirm(run: Run, *, yes: bool, doing: str = "Change") -> None:
    """A protected target is changed, or loaded, only after a yes. Raises ConfirmationNeeded."""
    if run.target.protected and not yes:
        run.console.confirm(f"{doing} {run.target.space} ({run.target.name})?")


def _see_it_still_serves(run: Run, observed: Observed) -> None:
    """Nothing to write; a build that is still under way is waited for, and the app is asked."""
    if observed.serving:
        failed = failures(check(run, run.revision))
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
    run.verdict = "unchanged"
