"""suite: every check that needs a running app, against the container of a rehearsal and against the Space."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace

from deploy.console import Step
from deploy.marks import MARKS
from deploy.pipeline.failure import Failure, from_proofs
from deploy.pipeline.proofs import of_production_build
from deploy.pipeline.run import Run
from deploy.pipeline.steps.subject import of_container, of_space
from deploy.proof import NotRun, Proof, failures
from deploy.secret import Secret
from deploy.verify.everything import FULL_SUITE, Suite
from deploy.verify.openapi import read_operations
from deploy.verify.stable import stable
from deploy.verify.subject import Subject
from deploy.verify.suite import not_run, run_suite
from deploy.verify.watch import watching

_SPARED = "its visitors would feel it: on a protected target it is run with --yes alone"


def prove_container(
    run: Run, url: str, hidden: Mapping[str, Secret], log: Callable[[], Sequence[str]]
) -> tuple[Proof, ...]:
    """What is about to be shipped, in its container: the suite, without load and restarts."""
    with of_container(run, url, hidden, log) as subject, run.console.step("suite") as step:
        proofs = run_suite(_suite(run).in_a_container, subject, on_proof=lambda proof: step.line(_said(proof)))
        with suppress(NotRun):  # an app that describes nothing has nothing to be compared
            run.described = _described(subject)
        _tally(step, proofs)
    run.prove(*proofs)
    return proofs


def note_operations(run: Run, url: str) -> None:
    """What an image that passed the suite before offers, for the Space to be compared with."""
    with run.visit(url, None) as site, run.console.step("suite") as step:
        try:
            run.described = tuple(operation.name for operation in read_operations(site))
        except NotRun as reason:
            step.skip(str(reason))
        else:
            step.skip(f"passed before; {len(run.described)} operations to compare the Space with")


def suite_failure(run: Run) -> Failure | None:
    """None when the Space passes the suite, or the project demands no more than that it serves."""
    if run.config.suite == "serving":
        return None
    failed = failures(prove_space(run))
    return from_proofs(failed) if failed else None


def prove_space(run: Run) -> tuple[Proof, ...]:
    """The Space: the suite, once more and after a restart, then speed, load and security.

    What its visitors would feel is left out on a protected target, unless the user said yes beforehand.
    """
    with of_space(run) as subject, watching(subject) as watch, run.console.step("suite") as step:

        def tell(proof: Proof) -> None:
            step.line(_said(proof))

        suite, began = _suite(run), time.monotonic()
        first = run_suite(suite.repeatable, subject, on_proof=tell, began=began)
        felt = (stable(watch, lambda: first, lambda: run_suite(suite.again, subject)), *suite.measured)
        spared = run.target.protected and not run.said_yes
        here = replace(subject, load=replace(subject.load, machines=0))  # nobody is there to start the others
        more = not_run(felt, _SPARED) if spared else run_suite(felt, here, on_proof=tell, began=began)
        last = run_suite(suite.last, subject, on_proof=tell, began=began)
        proofs = (*first, *more, *last, _production_build(run, subject))
        _tally(step, proofs)
    run.prove(*proofs)
    return proofs


def _suite(run: Run) -> Suite:
    return run.suite or FULL_SUITE


def _production_build(run: Run, subject: Subject) -> Proof:
    try:
        return of_production_build(run, _described(subject))
    except NotRun as reason:
        return of_production_build(run, [str(reason)])


def _described(subject: Subject) -> tuple[str, ...]:
    """Raises NotRun."""
    return tuple(operation.name for operation in read_operations(subject.site))


def _said(proof: Proof) -> str:
    return f"{MARKS[proof.verdict]} {proof.check}: {proof.seen} ({proof.seconds:.1f} s)"


def _tally(step: Step, proofs: Sequence[Proof]) -> None:
    counts = Counter(proof.verdict for proof in proofs)
    step.note(f"{counts['passed']} checks passed, {counts['failed']} failed, {counts['not run']} not run")
    if failed := failures(proofs):
        step.fail(failed[0].line)
