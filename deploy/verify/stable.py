"""The same results twice in a row and after a restart, no start that nobody asked for, and memory left."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from deploy.errors import DeployError
from deploy.proof import NotRun, Proof
from deploy.verify.check import Assertions, Check, Seen
from deploy.verify.subject import Subject
from deploy.verify.watch import Watch

Again = Callable[[], Sequence[Proof]]


def stable(watch: Watch, first: Callable[[], Sequence[Proof]], again: Again) -> Check:
    """`first` gives the proofs there are so far, `again` runs the same checks once more; `watch` began before them."""
    return Check(
        name="stable",
        asked="the checks see the same twice in a row and after a restart, nothing starts unasked, and memory is left",
        run=lambda subject: _run(subject, watch, first(), again),
        alone=True,
    )


def _run(subject: Subject, watch: Watch, first: Sequence[Proof], again: Again) -> Seen:
    if subject.restart is None:
        raise NotRun("there is no way to restart this deployment")
    assertions = Assertions()
    watch.begin()
    _same(first, again(), "the second time", assertions)
    watch.look("before the restart", assertions)  # which gives back what leaked
    if _restart(subject, subject.restart, assertions):
        _same(first, again(), "after a restart", assertions)
        watch.look("after it", assertions, restarts=1)
    return replace(assertions.seen(f"expectations held; {watch.memory}"), details=watch.unseen, figures=watch.figures)


def _restart(subject: Subject, restart: Callable[[], None], assertions: Assertions) -> bool:
    """Whether it came up again. What was found before is told in any case."""
    try:
        restart()
    except DeployError as error:
        return assertions.expect(False, f"it does not come up again: {error.what}")
    subject.accounts.delete_all()  # it may have forgotten sessions or accounts, and who has none may still log in
    return True


def _same(first: Sequence[Proof], then: Sequence[Proof], when: str, assertions: Assertions) -> None:
    found = {proof.check: proof for proof in then}
    for proof in first:
        other = found.get(proof.check)
        if other is not None:
            reason = (*other.details, other.seen)[0]
            assertions.expect(
                other.verdict == proof.verdict,
                f"{proof.check}: {proof.verdict} at first, {other.verdict} {when} ({reason})",
            )
