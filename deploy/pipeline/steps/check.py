"""check: what the static checks say of the source, before anything is built."""

from __future__ import annotations

from deploy.errors import ChecksFailed
from deploy.pipeline.proofs import of_source
from deploy.pipeline.run import Run
from deploy.source.checks import run_checks
from deploy.source.findings import Finding
from deploy.source.telling import annotate, tally
from deploy.source.tree import Tree
from deploy.wording import counted


def check_source(run: Run, tree: Tree) -> None:
    """The static checks. Raises ChecksFailed that names every error; warnings are said."""
    with run.console.step("check") as step:
        findings = run_checks(run.config, tree, run.console.redact)
        errors = [finding for finding in findings if finding.level == "error"]
        run.prove(*of_source(findings, len(tree.files), specified=run.config.source.spec is not None))
        step.note(tally(len(tree.files), findings))
        annotate(run.console, findings)
        if errors:
            raise ChecksFailed(
                f"The source has {counted(len(errors), 'error')}. Nothing was changed.",
                next_step="invoke check",
                details=tuple(_row(finding) for finding in errors),
            )
    if run.console.mode != "github":  # which has them as annotations
        for finding in (finding for finding in findings if finding.level == "warning"):
            run.console.warn(_row(finding))


def _row(finding: Finding) -> str:
    return f"{finding.label}: {f'{finding.place} {finding.text}'.strip()}"
