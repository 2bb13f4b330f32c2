"""Single parts of a deploy, for a person who wants just that one: push, verify, restart, roll back."""

from __future__ import annotations

from collections.abc import Callable

from deploy.errors import ConfigError, DeployError, RollbackFailed, SpaceNotFound, VerificationFailed
from deploy.pipeline.concluding import conclude_run
from deploy.pipeline.deploying import confirm, show
from deploy.pipeline.failure import Failure, from_stage
from deploy.pipeline.going_back import mark_serving, put_settings_back, restore
from deploy.pipeline.planning import plan_changes, plan_settings, shipping
from deploy.pipeline.proofs import of_settings
from deploy.pipeline.proving import what_is_not_proved
from deploy.pipeline.release import changing, commit_files, take_lease
from deploy.pipeline.run import Run
from deploy.pipeline.serving import await_serving, check
from deploy.proof import failures
from deploy.space.apply import apply
from deploy.space.changes import Restart, SetVariable
from deploy.space.history import PastRelease, history, last_good
from deploy.space.model import SpaceInfo
from deploy.space.observe import shipped_revision
from deploy.stages import FAILED_STAGES


def push(run: Run, *, yes: bool) -> None:
    """Files only: one commit on a Space that exists. Settings, waiting and checks are other commands."""
    info = existing(run)
    with shipping(run) as source:
        plan, _ = plan_changes(run, source)
        show(run, plan)
        if plan.files is None:
            run.verdict = "unchanged"
            return
        confirm(run, yes=yes)
        with changing(run) as stack:
            take_lease(run, stack, info.sha)
            commit_files(run, plan, info.sha)
    run.verdict = "pushed"


def verify_now(run: Run) -> None:
    """The checks against what serves. Raises VerificationFailed."""
    info = existing(run)

    def suite() -> Failure | None:
        run.prove(of_settings(*plan_settings(run, info)))
        return what_is_not_proved(run)

    prove_what_serves(run, info, suite, verdict="verified")


def prove_what_serves(run: Run, info: SpaceInfo, prove: Callable[[], Failure | None], *, verdict: str) -> None:
    """Sees the existing Space serve, and then what `prove` has to say; all of it becomes evidence.

    Raises VerificationFailed.
    """
    try:
        _require_serving(run, info)
        run.verdict = verdict
        if failure := prove():
            run.verdict = "failed"
            raise VerificationFailed(
                f"{run.target.space} serves. {failure.what}",
                cause=failure.cause,
                next_step=f"invoke report --to {run.target.name}",
                details=failure.details,
            )
    finally:
        conclude_run(run)


def _require_serving(run: Run, info: SpaceInfo) -> None:
    if info.runtime.stage in FAILED_STAGES:  # nothing will answer, however long it is asked
        failure = from_stage(run.client, info.sha, info.runtime)
        raise VerificationFailed(
            f"{run.target.space} does not serve. {failure.what}",
            cause=failure.cause,
            next_step=f"invoke restart --to {run.target.name}; invoke rollback --to {run.target.name}",
            details=failure.details,
        )
    failed = failures(check(run, run.revision))
    if failed:
        raise VerificationFailed(
            f"{len(failed)} of {len(run.checks)} checks failed on {run.target.space}.",
            cause=failed[0].line,
            next_step=f"invoke logs --to {run.target.name}",
            details=tuple(result.line for result in failed),
        )


def restart(run: Run, *, factory: bool, yes: bool) -> None:
    """Start the Space anew and see it serve. Raises VerificationFailed."""
    info = existing(run)
    confirm(run, yes=yes)
    with run.console.step("restart") as step:
        apply(run.client, [Restart(stage=info.runtime.stage, factory=factory)], run.journal)
        step.note("with a new build" if factory else "")
    failure = await_serving(run, info.sha, run.revision, restarting=True)
    if failure:
        raise _does_not_serve(run, failure)
    run.verdict = "verified"


def roll_back(run: Run, wanted: str, *, yes: bool) -> None:
    """An earlier release again, by a new commit: its files, and the variables it was made with."""
    info = existing(run)
    past = history(run.client)
    good = _chosen(run, past, info, wanted)
    confirm(run, yes=yes)
    with changing(run) as stack:
        take_lease(run, stack, info.sha)
        _restore(run, good, info)


def existing(run: Run) -> SpaceInfo:
    """The Space as it is. Raises SpaceNotFound."""
    info = run.client.info()
    if info is None:
        raise SpaceNotFound(
            f"There is no Space {run.target.space} that this token can see.",
            cause="it was never deployed, or it is private and hidden from this token",
            next_step=f"invoke deploy --to {run.target.name}",
        )
    run.url, run.commit = info.host, info.sha
    run.revision = shipped_revision(run.client, info.sha)
    return info


def _restore(run: Run, good: PastRelease, info: SpaceInfo) -> None:
    try:
        _, failure = restore(run, good, info.sha, settings=lambda: _old_variables(run, good))
    except DeployError as error:
        if run.journal.commit:
            raise
        raise put_settings_back(run, error) from error
    if failure:
        run.verdict = "rollback_failed"
        raise RollbackFailed(
            f"{good.commit[:12]} was put back and does not serve. {failure.what}",
            cause=failure.cause,
            next_step=f"invoke history --to {run.target.name}; invoke rollback --release <an older one>",
            details=failure.details,
        )
    unmarked = mark_serving(run, run.commit)
    run.verdict, run.rolled_back = "rolled_back", True
    if unmarked:
        run.console.warn(unmarked)


def _old_variables(run: Run, good: PastRelease) -> None:
    """What the release was made with, where it differs now. Variables it did not know stay: others may use them."""
    now = run.client.variables()
    old = good.release.variables if good.release else None
    changes = [
        SetVariable(name=name, value=value, old=now[name].value if name in now else None)
        for name, value in (old or {}).items()
        if name not in now or now[name].value != value
    ]
    apply(run.client, changes, run.journal)


def _chosen(run: Run, past: tuple[PastRelease, ...], info: SpaceInfo, wanted: str) -> PastRelease:
    if not wanted:
        good = last_good(past, before=info.sha)
        if good:
            return good
        raise ConfigError(
            f"{run.target.space} has no earlier good release.",
            cause="only commits that a deploy verified count as good",
            next_step=f"name one: invoke history --to {run.target.name}, then invoke rollback --release <commit>",
        )
    found = [release for release in past if release.commit.startswith(wanted)]
    if len(found) == 1:
        return found[0]
    raise ConfigError(
        f"{wanted!r} names {'no commit' if not found else f'{len(found)} commits'} of {run.target.space}.",
        next_step=f"invoke history --to {run.target.name} lists them",
    )


def _does_not_serve(run: Run, failure: Failure) -> VerificationFailed:
    return VerificationFailed(
        f"{run.target.space} was restarted and does not serve. {failure.what}",
        cause=failure.cause,
        next_step=f"invoke logs --to {run.target.name}; invoke rollback --to {run.target.name}",
        details=failure.details,
    )
