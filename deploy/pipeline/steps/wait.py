"""wait: until the Hub says that a commit serves; then the app itself is asked."""

from __future__ import annotations

from deploy.errors import DeployError, Unconfirmed
from deploy.pipeline.failure import Failure, from_checks, from_stage
from deploy.pipeline.run import Run
from deploy.pipeline.steps.verify import verify
from deploy.proof import failures
from deploy.space.wait import Waited, wait_for


def await_serving(run: Run, commit: str, revision: str, *, restarting: bool = False) -> Failure | None:
    """None when `commit` serves with `revision` ("" is any) and passes its checks, else why not.

    `restarting`: the same commit is started anew, so the RUNNING of before does not count.
    Raises Unconfirmed when that stays unknown.
    """
    try:
        waited = _wait(run, commit, restarting)
        if waited.outcome == "failed":
            return from_stage(run.client, commit, waited.runtime)
        if waited.outcome == "timeout":
            raise _unconfirmed(run, commit, f"the Hub still says {waited.runtime.stage} after {waited.seconds:.0f} s")
        failed = failures(verify(run, revision))
        if failed:
            return from_checks(run.client, failed)
        run.serving = revision
        return None
    except Unconfirmed:
        raise
    except DeployError as error:
        raise _unconfirmed(run, commit, error.what) from error


def _wait(run: Run, commit: str, restarting: bool) -> Waited:
    with run.console.step("wait") as step:
        waited = wait_for(
            run.client,
            commit,
            timeout=run.target.build_timeout,
            poll=run.target.poll,
            restarting=restarting,
            on_stage=step.line,
            clock=run.clock,
            sleep=run.sleep,
        )
        if waited.outcome == "serving":
            step.note(f"the Hub serves {commit[:12]}")
        else:
            step.fail(f"{waited.runtime.stage}{' (timeout)' if waited.outcome == 'timeout' else ''}")
    return waited


def _unconfirmed(run: Run, commit: str, why: str) -> Unconfirmed:
    return Unconfirmed(
        f"Commit {commit[:12]} is on {run.target.space}, and it could not be confirmed that it serves.",
        cause=why,
        next_step=f"invoke status --to {run.target.name}; to go back: invoke rollback --to {run.target.name}",
        details=run.journal.lines,
    )
