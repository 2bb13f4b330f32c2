"""Proofs of what a deploy sees by itself: source, image, settings, and how it all ended."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from deploy.catalogue import ASKED, CHECKS, COMMANDS, OPTIONAL
from deploy.errors import BuildFailed, SmokeFailed
from deploy.image.build import BuildOutcome
from deploy.image.contents import Contents
from deploy.image.diagnosis import Ended, ListensElsewhere
from deploy.image.smoke import SmokeReport
from deploy.image.traces import SHORTEST
from deploy.lock.advisories import Audit
from deploy.pipeline.run import Run
from deploy.proof import Proof, Verdict, failures
from deploy.source.findings import Finding
from deploy.space.observe import Observed
from deploy.space.plan import Plan
from deploy.wording import counted

MOST_BUILD_SECONDS = 300.0
"""The specification's bound on a build."""


def of_source(findings: Sequence[Finding], files: int, *, specified: bool) -> tuple[Proof, ...]:
    """One for each static check of the catalogue; `specified`: deploy.toml names a specification to look for."""
    return tuple(
        _of_static_check(check, findings, files) if specified or check != "specification" else unknown(check, _NO_SPEC)
        for check in CHECKS["check"]
    )


_NO_SPEC = "deploy.toml names no specification (`spec` under [source])"


def _of_static_check(check: str, findings: Sequence[Finding], files: int) -> Proof:
    own = [finding for finding in findings if finding.check == check]
    errors = [finding for finding in own if finding.level == "error"]
    warnings = [finding for finding in own if finding.level == "warning"]
    excused = f", {len(own) - len(errors) - len(warnings)} excused," if len(own) > len(errors) + len(warnings) else ""
    seen = f"{counted(len(errors), 'error')} and {counted(len(warnings), 'warning')}{excused} in {files} files"
    details = tuple(f"{finding.place} {finding.text}" for finding in own)
    return _proof(check, not errors, seen, details=details)


def of_audit(audit: Audit, seconds: float = 0.0) -> Proof:
    """What is known against the packages of a lock; it took `seconds` to ask."""
    figures, seconds = {"packages": audit.packages}, round(seconds, 3)
    return _proof("audit", not audit.open_, audit.summary, figures=figures, details=audit.lines, seconds=seconds)


def of_no_rehearsal(reason: str) -> tuple[Proof, ...]:
    """One for each check that a rehearsal would have made."""
    return tuple(unknown(check, f"not rehearsed: {reason}") for check in ("build", *CHECKS["smoke"]))


def of_failed_build(error: BuildFailed) -> Proof:
    """The image does not build."""
    return _proof("build", False, error.what, details=error.details)


def of_failed_smoke(outcome: BuildOutcome, error: SmokeFailed) -> tuple[Proof, ...]:
    """The build, and the one check that the container's failure is about.

    A server that does not stay up does not fit into a Space, one that listens elsewhere does not take the port that
    is assigned, and one that lives and does not serve failed the test on this machine.
    """
    check = "image" if isinstance(error, Ended) else "assigned port" if isinstance(error, ListensElsewhere) else "boot"
    return _of_build(outcome), _proof(check, False, error.what, details=error.details)


def of_layers(outcome: BuildOutcome, contents: Contents, declared: Iterable[str]) -> tuple[Proof, ...]:
    """The build, and what the image holds; `declared` are the names of all secrets of the target."""
    unknown = sorted(set(declared) - {*contents.searched, *contents.too_short})
    short = (f"{name} was not searched for: it has fewer than {SHORTEST} bytes" for name in contents.too_short)
    open_ = (f"{name} was not searched for: no value that is its own is known here" for name in unknown)
    proof = Proof(
        check="layers",
        verdict="not run" if contents.unreadable else "failed" if contents.leaks else "passed",
        asked=ASKED["layers"],
        seen=contents.unreadable or contents.summary,
        details=(*map(str, contents.leaks), *short, *open_),
        figures={"megabytes": round(contents.size / 1e6, 1)},
        seconds=round(contents.seconds, 3),
    )
    return _of_build(outcome), proof


def of_rehearsal(outcome: BuildOutcome, report: SmokeReport, *, read_only: bool) -> tuple[Proof, ...]:
    """Build and boots. An image that is used again passed all of it before, on this machine."""
    serves = f"it serves as uid 1000{' on a read-only root' if read_only else ''}"
    before = "the same image passed before, on this machine"
    boots = [f"port {boot.port} after {boot.seconds:.1f} s" for boot in report.boots]
    assigned = [boot for boot in report.boots if boot.port_given]
    return (
        _of_build(outcome),
        replace(_proof("image", True, before if outcome.reused else serves), asked=serves),
        _proof("boot", True, before if outcome.reused else ", ".join(boots)),
        _proof("assigned port", outcome.reused or bool(assigned), before if outcome.reused else ", ".join(boots)),
    )


def _of_build(outcome: BuildOutcome) -> Proof:
    quick = outcome.seconds <= MOST_BUILD_SECONDS
    figures = {"build_seconds": outcome.seconds}
    return _proof("build", quick, f"{outcome.summary}, {outcome.seconds:.1f} s", figures=figures)


def of_serving(results: Sequence[Proof]) -> Proof:
    """The quick checks: ready, of the right revision, every declared request answered."""
    lines = [failure.line for failure in failures(results)]
    passed = sum(result.verdict == "passed" for result in results)
    asked = sum(result.verdict != "not run" for result in results)
    seconds = round(sum(result.seconds for result in results), 3)
    seen = f"{passed} of {asked} requests were answered as declared"
    return _proof("serving", not lines, seen, details=tuple(lines), seconds=seconds)


def of_settings(plan: Plan, observed: Observed) -> Proof:
    """That the Space has every setting the project declares."""
    there = len(observed.variables) + len(plan.secrets)
    seen = f"{there} settings are there" if not plan.settings else "; ".join(map(str, plan.settings))
    return _proof("settings", not plan.settings, seen)


def of_configuration(plan: Plan) -> Proof:
    """That a second plan has nothing to change."""
    changes = [str(change) for change in plan.changes]
    return _proof("configuration", not changes, "; ".join(changes) or "a second plan has nothing to change")


def of_production_build(run: Run, described: Iterable[str]) -> Proof:
    """That the Space offers what the rehearsed container did."""
    if not run.described:
        return unknown("production build", "nothing was rehearsed here to compare with")
    lacking = sorted(set(run.described) - set(described))
    seen = f"lacking: {', '.join(lacking)}" if lacking else f"all {len(run.described)} operations of the rehearsal"
    return _proof("production build", not lacking, seen)


def of_the_whole(run: Run) -> Proof:
    """That a deploy went from the source to a verified Space: every check up to the load, of which none failed."""
    if run.verdict not in {"deployed", "unchanged"}:
        return unknown("end to end", "nothing was deployed in this run")
    unasked = {"specification"} if run.config.source.spec is None else set()
    own = [check for check in COMMANDS if check not in _AFTERWARDS | unasked]
    verdicts: dict[str, Verdict] = {
        check: run.proofs[check].verdict if check in run.proofs else "not run" for check in own
    }
    left_out = [check for check in own if verdicts[check] == "not run" and check in OPTIONAL]
    open_ends = [check for check, verdict in verdicts.items() if verdict != "passed" and check not in left_out]
    passed = f"{len(own) - len(left_out)} checks, from source to load, passed"
    spared = [f"{check} was not run" for check in left_out]
    seen = f"not proved: {', '.join(open_ends)}" if open_ends else ", ".join([passed, *spared])
    verdict: Verdict = "failed" if "failed" in verdicts.values() else "not run" if open_ends else "passed"
    return Proof(check="end to end", verdict=verdict, asked=ASKED["end to end"], seen=seen)


_AFTERWARDS = {"stable", "production build", "configuration", "end to end", *CHECKS["report"]}
"""Checks of what is left when all of that is done."""


def _proof(check: str, holds: bool, seen: str, **more: Any) -> Proof:
    return Proof(check=check, verdict="passed" if holds else "failed", asked=ASKED[check], seen=seen, **more)


def unknown(check: str, why: str) -> Proof:
    """The check was not run."""
    return Proof(check=check, verdict="not run", asked=ASKED[check], seen=why)
