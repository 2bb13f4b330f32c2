"""Known vulnerabilities of what is shipped, asked for before anything is built."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from deploy.config import Config
from deploy.console import Console
from deploy.errors import NotAudited, Vulnerable
from deploy.lock import project_locks
from deploy.lock.advisories import Audit
from deploy.lock.audit import Auditor
from deploy.lock.files import OUTPUT, relative
from deploy.pipeline.proofs import of_audit, of_no_audit
from deploy.pipeline.run import Run
from deploy.pipeline.staging import Staged
from deploy.pipeline.tooling import find_tools
from deploy.proof import NotRun
from deploy.wording import counted

_MEND = "invoke lock --upgrade, then commit the result; or name the advisory under [audit] ignore in deploy.toml"


def audit_source(run: Run, source: Staged, *, clock: Callable[[], float] = time.monotonic) -> None:
    """Of the lock that would be shipped, where a project wants every task proved.

    Raises Vulnerable when a newer version mends what is known. Where it cannot be asked, that is said and is no end.
    """
    if run.config.suite != "full":
        return
    lock = source.folder / OUTPUT
    name = relative(run.config.source.path / OUTPUT, run.config.root)
    with _auditor(run.config, run.console) as auditor, run.console.step("audit") as step:
        started = clock()
        try:
            auditor.require_source()
            audit = auditor.audit(name, _text(lock, name), on_line=step.line)
        except NotRun as reason:
            run.prove(of_no_audit(str(reason)))
            step.skip(f"not run: {reason}")
            return
        run.prove(of_audit(audit, clock() - started))
        step.note(audit.summary)
        _require_mended([audit], "Nothing was changed.")
    for advisory in audit.unmended:
        run.console.warn(str(advisory))


def audit_locks(config: Config, console: Console) -> None:
    """Of every lock of the project. Raises Vulnerable, and NotAudited when none of it can be asked."""
    audits: list[Audit] = []
    with _auditor(config, console) as auditor:
        try:
            auditor.require_source()
            for lock in project_locks(config):
                with console.step(lock.name) as step:
                    audit = auditor.audit(lock.name, _text(lock.output, lock.name), on_line=step.line)
                    (step.fail if audit.open_ else step.note)(audit.summary)
                audits.append(audit)
        except NotRun as reason:
            raise NotAudited(
                f"The locks were not audited: {reason}.",
                cause="this machine has no way there, or the source has trouble",
                next_step="run it where the source can be reached, or name another under [audit] source in deploy.toml",
            ) from reason
    document = {"source": config.audit.source, "audits": [audit.as_document() for audit in audits]}
    _require_mended(audits, "", document)
    console.result(document, "\n".join(_told(audits)))


@contextmanager
def _auditor(config: Config, console: Console) -> Iterator[Auditor]:
    """With the tools of the project; raises NotRun later, when it is asked, where they cannot be had."""
    with tempfile.TemporaryDirectory(prefix="spacewright-audit-") as home:
        tools = find_tools(config.root, console, os.environ, Path(home))
        yield Auditor(config=config.audit, python=tools.python, missing=tools.missing, environ=os.environ)


def _require_mended(audits: list[Audit], ending: str, document: Mapping[str, object] | None = None) -> None:
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
        details=tuple(_told(audits)),
    )
    error.document = document or {}
    raise error


def _told(audits: list[Audit]) -> Iterator[str]:
    for audit in audits:
        yield from (f"{audit.lock}: {line}" for line in audit.lines)


def _text(lock: Path, name: str) -> str:
    """Raises NotRun."""
    try:
        return lock.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise NotRun(f"{name} cannot be read") from error
