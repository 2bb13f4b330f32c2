"""verify: the quick checks of the running app."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from deploy.pipeline.proofs import of_serving
from deploy.pipeline.run import Run
from deploy.pipeline.steps.space import viewer
from deploy.proof import Proof, failures
from deploy.verify import readiness


def verify(run: Run, revision: str) -> tuple[Proof, ...]:
    """Ask what serves at the Space's address; `revision` "" is any."""
    with run.console.step("verify") as step, run.visit(run.url, viewer(run)) as app:
        results = readiness.verify(app, run.config.app, run.config.checks, revision)
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
