"""Runs checks: side by side where they do not disturb each other, and every one ends in a proof."""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor

from deploy.errors import DeployError
from deploy.proof import NotRun, Proof
from deploy.verify.check import Check, Seen
from deploy.verify.subject import Subject

Clock = Callable[[], float]


def run_suite(
    checks: Iterable[Check],
    subject: Subject,
    *,
    on_proof: Callable[[Proof], None] = lambda _: None,
    began: float | None = None,
    clock: Clock = time.monotonic,
) -> tuple[Proof, ...]:
    """The proofs in the order of the checks. `on_proof` hears of each as it comes, on any thread;
    `began` is when the clock showed the beginning, where this is not the first part.

    Those that stand alone come one after another when the others are done. Ctrl-C stops the tools
    that are under way before it goes on.
    """
    began = clock() if began is None else began

    def prove(check: Check) -> Proof:
        proof = _prove(check, subject, began, clock)
        on_proof(proof)
        return proof

    checks = tuple(checks)
    together = [check for check in checks if not check.alone]
    proofs: dict[str, Proof] = {}
    with ThreadPoolExecutor(max(1, len(together)), thread_name_prefix="check") as threads:
        try:
            proofs |= {proof.check: proof for proof in threads.map(prove, together)}
        except BaseException:
            subject.tools.stop()
            raise
    proofs |= {check.name: prove(check) for check in checks if check.alone}
    return tuple(proofs[check.name] for check in checks)


def not_run(checks: Iterable[Check], reason: str) -> tuple[Proof, ...]:
    """Proofs of checks that nothing was done for."""
    return tuple(Proof(check=check.name, verdict="not run", asked=check.asked, seen=reason) for check in checks)


def _prove(check: Check, subject: Subject, began: float, clock: Clock) -> Proof:
    started = clock()
    try:
        seen = check.run(subject)
    except NotRun as reason:
        return not_run([check], str(reason))[0]
    except DeployError as error:
        more = [f"{name}: {said}" for name, said in (("cause", error.cause), ("next", error.next_step)) if said]
        seen = Seen(text=error.what, violations=(error.what, *more, *error.details))
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        # An app may answer with anything: what a check cannot read it cannot approve of.
        what = f"the check met an answer that it cannot read ({type(error).__name__}: {error})"
        seen = Seen(text=what, violations=(what, *traceback.format_tb(error.__traceback__)[-1].splitlines()))
    return Proof(
        check=check.name,
        verdict="failed" if seen.violations else "passed",
        asked=check.asked,
        seen=seen.text,
        started=round(started - began, 3),
        seconds=round(clock() - started, 3),
        details=(*seen.violations, *seen.details),
        figures=seen.figures,
        tables=seen.tables,
        files=seen.files,
    )
