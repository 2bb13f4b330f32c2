"""T030: the same results twice in a row and after a restart, and no more memory than there is."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from deploy.proof import NotRun, Proof
from deploy.verify.check import Check, Seen
from deploy.verify.findings import Findings
from deploy.verify.subject import Subject

Again = Callable[[], Sequence[Proof]]


def stable(first: Callable[[], Sequence[Proof]], again: Again) -> Check:
    """`first` gives the proofs there are so far, `again` runs the same checks once more."""
    return Check(
        name="stable",
        asked="the checks see the same twice in a row and after a restart",
        run=lambda subject: _run(subject, first(), again),
        alone=True,
    )


def _run(subject: Subject, first: Sequence[Proof], again: Again) -> Seen:
    if subject.restart is None:
        raise NotRun("there is no way to restart this deployment")
    findings = Findings()
    _same(first, again(), "the second time", findings)
    _fits(subject, "before the restart", findings)  # a restart gives back what leaked
    subject.restart()
    subject.accounts.start_anew()
    _same(first, again(), "after a restart", findings)
    _fits(subject, "after it", findings)
    return findings.seen("results were the same again")


def _fits(subject: Subject, when: str, findings: Findings) -> None:
    if subject.memory and subject.memory_limit:
        used, most = subject.memory() / 1e6, subject.memory_limit / 1e6
        findings.expect(used < most, f"{used:.0f} MB of memory are used {when}, the hardware has {most:.0f} MB")


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
