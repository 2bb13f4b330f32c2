"""audit: what is known against every lock of the project."""

from __future__ import annotations

from deploy.config import Config
from deploy.console import Console
from deploy.errors import NotAudited
from deploy.lock import project_locks
from deploy.lock.advisories import Audit
from deploy.pipeline.steps.audit import OpenAuditor, finding_lines, opened_auditor, require_mended, text_of
from deploy.proof import NotRun


def audit_locks(config: Config, console: Console, *, opened: OpenAuditor = opened_auditor) -> None:
    """Of every lock of the project. Raises Vulnerable, and NotAudited when none of it can be asked."""
    audits: list[Audit] = []
    with opened(config, console) as auditor:
        try:
            auditor.require_source()
            for lock in project_locks(config):
                with console.step(lock.name) as step:
                    audit = auditor.audit(lock.name, text_of(lock.output, lock.name), on_line=step.line)
                    (step.fail if audit.open_ else step.note)(audit.summary)
                audits.append(audit)
        except NotRun as reason:
            raise NotAudited(
                f"The locks were not audited: {reason}.",
                cause="this machine has no way there, or the source has trouble",
                next_step="run it where the source can be reached, or name another under [audit] source in deploy.toml",
            ) from reason
    document = {"source": config.audit.source, "audits": [audit.as_document() for audit in audits]}
    require_mended(audits, "", document)
    console.result(document, "\n".join(finding_lines(audits)))
