"""The whole suite against what serves: every check of the specification that needs a running app."""

from __future__ import annotations

import os
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from deploy.console import Step
from deploy.errors import DeployError, VerificationFailed
from deploy.pipeline.failure import Failure, from_proofs
from deploy.pipeline.proofs import of_production_build
from deploy.pipeline.run import Run
from deploy.pipeline.serving import await_serving
from deploy.pipeline.tooling import find_tools
from deploy.pipeline.viewing import viewer
from deploy.proof import NotRun, Proof
from deploy.secret import Secret
from deploy.space.apply import apply
from deploy.space.changes import Restart
from deploy.space.client import HubClient
from deploy.verify.accounts import Accounts
from deploy.verify.app import Viewer, visiting
from deploy.verify.everything import IN_A_CONTAINER, LAST, MEASURED, REPEATABLE
from deploy.verify.openapi import read_operations
from deploy.verify.stable import stable
from deploy.verify.subject import Place, Subject, Vitals
from deploy.verify.suite import not_run, run_suite
from deploy.wording import counted

_SPARED = "its visitors would feel it: on a protected target it is run with --yes alone"
_MARKS = {"passed": "✓", "failed": "✗", "not run": "–"}


def prove_container(
    run: Run, url: str, hidden: Mapping[str, Secret], log: Callable[[], Sequence[str]]
) -> tuple[Proof, ...]:
    """What is about to be shipped, in its container: the suite, without load and restarts."""
    with _subject(run, url, "container", hidden=hidden, run_log=log) as subject, run.console.step("suite") as step:
        proofs = run_suite(IN_A_CONTAINER, subject, on_proof=lambda proof: step.line(_said(proof)))
        with suppress(NotRun):  # an app that describes nothing has nothing to be compared
            run.described = _described(subject)
        _tally(step, proofs)
    run.prove(*proofs)
    return proofs


def what_is_not_proved(run: Run) -> Failure | None:
    """None when the Space passes the suite, or the project demands no more than that it serves."""
    if run.config.suite == "serving":
        return None
    failed = failures(prove_space(run))
    return from_proofs(failed) if failed else None


def prove_space(run: Run) -> tuple[Proof, ...]:
    """The Space: the suite, once more and after a restart, then speed, load and security.

    What its visitors would feel is left out on a protected target, unless the user said yes beforehand.
    """
    with _space(run) as subject, run.console.step("suite") as step:

        def tell(proof: Proof) -> None:
            step.line(_said(proof))

        began = time.monotonic()
        first = run_suite(REPEATABLE, subject, on_proof=tell, began=began)
        felt = (stable(lambda: first, lambda: run_suite(REPEATABLE, subject)), *MEASURED)
        spared = run.target.protected and not run.said_yes
        more = not_run(felt, _SPARED) if spared else run_suite(felt, subject, on_proof=tell, began=began)
        last = run_suite(LAST, subject, on_proof=tell, began=began)
        proofs = (*first, *more, *last, _production_build(run, subject))
        _tally(step, proofs)
    run.prove(*proofs)
    return proofs


def _production_build(run: Run, subject: Subject) -> Proof:
    try:
        return of_production_build(run, _described(subject))
    except NotRun as reason:
        return of_production_build(run, [str(reason)])


def _described(subject: Subject) -> tuple[str, ...]:
    """Raises NotRun."""
    return tuple(operation.name for operation in read_operations(subject.site))


@contextmanager
def _space(run: Run) -> Iterator[Subject]:
    def restart() -> None:
        info = run.client.info()
        assert info is not None
        with run.console.step("restart") as step:
            apply(run.client, [Restart(stage=info.runtime.stage, factory=False)], run.journal)
            step.note("to see the same once more")
        if failure := await_serving(run, info.sha, run.revision, restarting=True):
            raise VerificationFailed(failure.what, cause=failure.cause, details=failure.details)

    def run_log() -> Sequence[str]:
        return tuple(run.client.logs("run"))

    means = _subject(
        run,
        run.url,
        "space",
        viewer=viewer(run),
        hidden={**run.settings.secrets, **run.made},
        run_log=run_log,
        restart=restart,
        vitals=lambda: _vitals(run.client),
    )
    with means as subject:
        yield subject


def failures(proofs: Sequence[Proof]) -> tuple[Proof, ...]:
    return tuple(proof for proof in proofs if proof.verdict == "failed")


@contextmanager
def _subject(
    run: Run,
    url: str,
    place: Place,
    *,
    hidden: Mapping[str, Secret],
    run_log: Callable[[], Sequence[str]],
    viewer: Viewer | None = None,
    restart: Callable[[], None] | None = None,
    vitals: Callable[[], Vitals] | None = None,
) -> Iterator[Subject]:
    """The deployment as the checks see it; accounts that they made are deleted at the end, whatever happens."""
    config = run.config
    with tempfile.TemporaryDirectory(prefix="spacewright-verify-") as home, visiting(url, viewer) as site:
        tools = find_tools(config.root, run.console, os.environ, Path(home))
        with Accounts(site, config.scenario, on_left=lambda names: _tell_left(run, url, names)) as accounts:
            yield Subject(
                site=site,
                place=place,
                revision=run.revision,
                app=config.app,
                probes=config.checks,
                scenario=config.scenario,
                load=config.load,
                tools=tools,
                folder=run.folder,
                accounts=accounts,
                origins=tuple(run.settings.variables.get(config.scenario.origins, "").replace(",", " ").split()),
                hidden=hidden,
                run_log=run_log,
                restart=restart,
                vitals=vitals,
            )


def _vitals(client: HubClient) -> Vitals:
    """What the Hub says of the Space. That it does not tell the memory, or not to us, is no fault of the app."""
    runtime = client.runtime()
    seen = Vitals(stage=runtime.stage, trouble=runtime.error_message or "")
    try:
        memory = client.memory()
    except DeployError as error:
        return replace(seen, memory_unknown=" ".join((error.what, *error.details[:1])))
    return replace(seen, memory_used=memory.used, memory_total=memory.total)


def _tell_left(run: Run, url: str, names: Sequence[str]) -> None:
    accounts = counted(len(names), "account")
    run.console.warn(
        f"{accounts} of the checks could not be deleted from {url}: {', '.join(names)}. "
        "Their passwords are kept nowhere; delete them in the app's database."
    )


def _said(proof: Proof) -> str:
    return f"{_MARKS[proof.verdict]} {proof.check}: {proof.seen} ({proof.seconds:.1f} s)"


def _tally(step: Step, proofs: Sequence[Proof]) -> None:
    counts = Counter(proof.verdict for proof in proofs)
    step.note(f"{counts['passed']} checks passed, {counts['failed']} failed, {counts['not run']} not run")
    if failed := failures(proofs):
        step.fail(failed[0].line)
