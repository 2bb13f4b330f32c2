"""From the source and the settings to a plan, with every reason to stop found before anything is written."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from deploy import lock
from deploy.errors import ChecksFailed, LockError, MissingSecret, NotAllowed
from deploy.lock.files import INPUT
from deploy.pipeline.desired import desired_state
from deploy.pipeline.provenance import require_committed, source_sha
from deploy.pipeline.run import Run
from deploy.settings import missing
from deploy.source.checks import run_checks
from deploy.source.findings import Finding
from deploy.source.tree import Tree, read_tree, stage
from deploy.space.observe import Observed, observe
from deploy.space.plan import Desired, Plan, make_plan
from deploy.wording import counted


@dataclass(frozen=True, kw_only=True)
class Staged:
    """The source as it was when the command began: later edits neither reach the rehearsal nor the Space."""

    tree: Tree
    folder: Path


@contextmanager
def staged_source(run: Run) -> Iterator[Staged]:
    """The tree to ship, copied, and where it comes from. Raises SourceError, DirtyTree."""
    with tempfile.TemporaryDirectory(prefix="spacewright-") as name:
        with run.console.step("source") as step:
            run.source_sha = source_sha(run.config.root)
            require_committed(run.target, run.config.root, run.source_sha)
            tree = read_tree(run.config.source.path)
            stage(tree, Path(name))
            run.revision = tree.revision
            files = counted(len(tree.files), "file")
            step.note(f"revision {tree.revision[:12]}, {files}, from {run.source_sha[:12]}")
        yield Staged(tree=tree, folder=Path(name))


def check_lock(run: Run) -> None:
    """What the image installs is what requirements.in asks for. Raises LockError."""
    with run.console.step("lock") as step:
        if not (run.config.source.path / INPUT).is_file():
            step.skip(f"there is no {INPUT} to compare with")
            return
        verdict = lock.check(lock.source_lock(run.config), on_line=step.line)
        if not verdict.is_fresh:
            raise LockError(
                f"{verdict.lock_file.name} is out of date. Nothing was changed.",
                cause=f"{verdict.lock_file.name} is not what its requirements.in asks for",
                next_step="invoke lock, then commit the result",
                details=tuple(f"{stale.file}:{stale.line} {stale.what}" for stale in verdict.stale),
            )
        step.note("up to date")


def check_source(run: Run, tree: Tree) -> None:
    """The static checks. Raises ChecksFailed that names every error; warnings are said."""
    with run.console.step("check") as step:
        findings = run_checks(run.config, tree)
        errors = [finding for finding in findings if finding.level == "error"]
        step.note(f"{counted(len(tree.files), 'file')}, {told(findings)}")
        for finding in findings:
            run.console.annotate(
                finding.level,
                f"{finding.what} {finding.cure}",
                file=finding.file,
                line=finding.line,
                title=finding.code,
            )
        if errors:
            raise ChecksFailed(
                f"The source has {counted(len(errors), 'error')}. Nothing was changed.",
                next_step="invoke check",
                details=tuple(_row(finding) for finding in errors),
            )
    for finding in findings:
        run.console.warn(_row(finding))


def plan_changes(run: Run, source: Staged) -> tuple[Plan, Desired, Observed]:
    """Look at the Space and compare. Raises MissingSecret, NotAllowed, WrongSdk, and what the client raises."""
    with run.console.step("plan") as step:
        desired = desired_state(source.tree, source.folder, run.target, run.settings)
        observed = observe(run.client, desired.entries)
        plan = make_plan(desired, observed)
        if plan.lacking:
            raise _lacking(run, plan)
        if plan:
            _require_rights(run, observed)
        run.url = observed.info.host if observed.info else ""
        run.commit = observed.info.sha if observed.info else ""
        step.note(counted(len(plan.changes), "change") if plan else "nothing to do")
    return plan, desired, observed


def _require_rights(run: Run, observed: Observed) -> None:
    if observed.info is not None:
        run.client.check_write()
        return
    owner = run.target.space.partition("/")[0]
    account = run.client.whoami()
    allowed = {str(account.get("name")), *(str(org.get("name")) for org in account.get("orgs") or ())}
    if owner not in allowed:
        raise NotAllowed(
            f"{run.target.space} does not exist, or is hidden, and this token cannot create it.",
            cause=f"the token belongs to {account.get('name')}, and {owner!r} is somebody else",
            next_step=f"correct `space` of target {run.target.name!r} in deploy.toml, or use a token of {owner!r}",
        )


def _lacking(run: Run, plan: Plan) -> MissingSecret:
    return missing(run.target, [f"secret {name} is not set, here or on the Space" for name in plan.lacking])


def told(findings: tuple[Finding, ...]) -> str:
    """`0 errors, 1 warning`."""
    errors = sum(finding.level == "error" for finding in findings)
    return f"{counted(errors, 'error')}, {counted(len(findings) - errors, 'warning')}"


def _row(finding: Finding) -> str:
    return f"{finding.task} {finding.place} {finding.what} {finding.cure}"
