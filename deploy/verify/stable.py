"""T030: the same results twice in a row and after a restart, no start that nobody asked for, and memory left."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from deploy.errors import DeployError
from deploy.proof import NotRun, Proof
from deploy.verify.check import Check, Seen
from deploy.verify.findings import Findings
from deploy.verify.subject import Subject
from deploy.verify.watch import watching

Again = Callable[[], Sequence[Proof]]


def stable(first: Callable[[], Sequence[Proof]], again: Again) -> Check:
    """`first` gives the proofs there are so far, `again` runs the same checks once more."""
    return Check(
        name="stable",
        asked="the checks see the same twice in a row and after a restart, nothing starts unasked, and memory is left",
        run=lambda subject: _run(subject, first(), again),
        alone=True,
    )


def _run(subject: Subject, first: Sequence[Proof], again: Again) -> Seen:
    if subject.restart is None:
        raise NotRun("there is no way to restart this deployment")
    findings = Findings()
    with watching(subject, findings) as watch:
        _same(first, again(), "the second time", findings)
        watch.look("before the restart")  # which gives back what leaked
        if _restart(subject, subject.restart, findings):
            _same(first, again(), "after a restart", findings)
            watch.look("after it", restarts=1)
        unseen = watch.unseen
    seen = findings.seen("expectations held")
    return Seen(text=f"{seen.text}; {watch.memory}", violations=seen.violations, details=unseen, figures=watch.figures)


def _restart(subject: Subject, restart: Callable[[], None], findings: Findings) -> bool:
    """Whether it came up again. What was found before is told in any case."""
    try:
        restart()
    except DeployError as error:
        return findings.expect(False, f"it does not come up again: {error.what}")
    subject.accounts.start_anew()
    return True


def _same(first: Sequence[Proof], then: Sequence[Proof], when: str, findings: Findings) -> None:
    found = {proof.check: proof for proof in then}
    for proof in first:
        other = found.get(proof.check)
        if other is not None:
            reason = (*other.details, other.seen)[0]
            findings.expect(
                other.verdict == proof.verdict,
                f"{proof.check}: {proof.verdict} at first, {other.verdict} {when} ({reason})",
            )
