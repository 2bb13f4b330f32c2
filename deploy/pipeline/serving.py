"""Seeing a commit serve: the Hub says so, the app itself says so, and the checks pass."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from deploy.errors import DeployError, Unconfirmed
from deploy.pipeline.failure import Failure, from_checks, from_stage
from deploy.pipeline.proofs import of_serving
from deploy.pipeline.run import Run
from deploy.pipeline.viewing import viewer
from deploy.proof import Proof, failures
from deploy.space.wait import Waited, wait_for
from deploy.verify.app import visiting
from deploy.verify.serving import verify


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
        failed = failures(check(run, revision))
        if failed:
            return from_checks(run.client, failed)
        run.serving = revision
        return None
    except Unconfirmed:
        raise
    except DeployError as error:
        raise _unconfirmed(run, commit, error.what) from error


def check(run: Run, revision: str) -> tuple[Proof, ...]:
    """Run the verification suite against the Space's address."""
    with run.console.step("verify") as step, visiting(run.url, viewer(run)) as app:
        results = verify(app, run.config.app, run.config.checks, revision)
        run.checks = [_row(proof) for proof in results]
        run.prove(of_serving(results))
        step.note(_tally(results))
        if failures(results):
            step.fail(failures(results)[0].line)
    return results


def _row(proof: Proof) -> Mapping[str, object]:
    """As `--json` has it."""
    facts = {"verdict": proof.verdict, "asked": proof.asked, "seen": proof.seen, "seconds": proof.seconds}
    return {"name": proof.check, **facts}


def _tally(results: Sequence[Proof]) -> str:
    """`5 of 5 checks passed`, or with some that had nothing to compare with `4 passed, 1 not run`."""
    counts = Counter(result.verdict for result in results)
    if not counts["not run"]:
        return f"{counts['passed']} of {len(results)} checks passed"
    return ", ".join(f"{counts[verdict]} {verdict}" for verdict in ("passed", "failed", "not run") if counts[verdict])


def _wait(run: Run, commit: str, restarting: bool) -> Waited:
    with run.console.step("wait") as step:
        waited = wait_for(
            run.client,
            commit,
            timeout=run.target.build_timeout,
            poll=run.target.poll,
            restarting=restarting,
            on_stage=step.line,
        )
        if waited.outcome == "serving":
            step.note(f"the Hub serves {commit[:12]}")
        else:
            step.fail(f"{waited.runtime.stage}{' (timeout)' if waited.outcome == 'timeout' else ''}")
    return waited


def _unconfirmed(run: Run, commit: str, why: str) -> Unconfirmed:
    run.verdict = "unconfirmed"
    return Unconfirmed(
        f"Commit {commit[:12]} is on {run.target.space}, and it could not be confirmed that it serves.",
        cause=why,
        next_step=f"invoke status --to {run.target.name}; to go back: invoke rollback --to {run.target.name}",
        details=run.journal.lines,
    )
