"""audit: known vulnerabilities of what is shipped, asked for before anything is built."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from deploy.config import Config
from deploy.console import Console
from deploy.errors import Vulnerable
from deploy.lock.advisories import Audit
from deploy.lock.audit import Auditor
from deploy.lock.files import OUTPUT, relative
from deploy.pipeline.proofs import of_audit, unknown
from deploy.pipeline.run import Run
from deploy.pipeline.steps.source import Staged
from deploy.pipeline.steps.tools import find_tools
from deploy.proof import NotRun
from deploy.wording import counted

_MEND = "invoke lock --upgrade, then commit the result; or name the advisory under [audit] ignore in deploy.toml"


@contextmanager
def opened_auditor(config: Config, console: Console) -> Iterator[Auditor]:
    """With the tools of the project; raises NotRun later, when it is asked, where they cannot be had."""
    with tempfile.TemporaryDirectory(prefix="spacewright-audit-") as home:
        tools = find_tools(config.root, console, os.environ, Path(home))
        yield Auditor(config=config.audit, python=tools.python, missing=tools.missing, environ=os.environ)


OpenAuditor = Callable[[Config, Console], AbstractContextManager[Auditor]]


def audit_source(run: Run, source: Staged, *, opened: OpenAuditor = opened_auditor) -> None:
    """Of the lock that would be shipped, where a project wants every task proved.

    Raises Vulnerable when a newer version mends what is known. Where it cannot be asked, that is said and is no end.
    """
    if run.config.suite != "full":
        return
    lock = source.folder / OUTPUT
    name = relative(run.config.source.path / OUTPUT, run.config.root)
    with opened(run.config, run.console) as auditor, run.console.step("audit") as step:
        started = run.clock()
        try:
            auditor.require_source()
            audit = auditor.audit(name, text_of(lock, name), on_line=step.line)
        except NotRun as reason:
            run.prove(unknown("audit", str(reason)))
            step.skip(f"not run: {reason}")
            return
        run.prove(of_audit(audit, run.clock() - started))
        step.note(audit.summary)
        require_mended([audit], "Nothing was changed.")
    for advisory in audit.unmended:
        run.console.warn(str(advisory))


def require_mended(audits: list[Audit], ending: str, document: Mapping[str, object] | None = None) -> None:
    """Raises Vulnerable that names each package, advisory and cure."""
    found = [advisory for audit in audits for advisory in audit.open_]
    if not found:
        return
    packages = sorted({f"{advisory.package} {advisory.version}" for advisory in found})
    what = f"{counted(len(packages), 'locked package')} with a known vulnerability: {', '.join(packages)}."
    error = Vulnerable(
        f"{what} {ending}".strip(),
        cause=str(found[0]),
        next_step=_MEND,
        details=tuple(finding_lines(audits)),
    )
    error.document = document or {}
    raise error


def finding_lines(audits: list[Audit]) -> Iterator[str]:
    for audit in audits:
        yield from (f"{audit.lock}: {line}" for line in audit.lines)


def text_of(lock: Path, name: str) -> str:
    """Raises NotRun."""
    try:
        return lock.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise NotRun(f"{name} cannot be read") from error
