"""check: what would not work on a Space, before anything is built."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from deploy.errors import ChecksFailed
from deploy.tasks.base import command, session

if TYPE_CHECKING:
    from deploy.console import Console
    from deploy.source.checks import Finding


@command()
def check(_: Any, json: bool = False) -> None:
    """Check the source as a Space would meet it; exit code 1 names every error at once."""
    from deploy.source.checks import run_checks
    from deploy.source.tree import read_tree

    current = session()
    tree = read_tree(current.config.source.path)
    _tell(current.console, len(tree.files), run_checks(current.config, tree, current.console.redact))


def _tell(console: Console, files: int, findings: tuple[Finding, ...]) -> None:
    from deploy.source.telling import annotate, markdown, table, tally

    document = {"files": files, "findings": [finding.as_document() for finding in findings]}
    annotate(console, findings)
    console.summary(markdown(files, findings))
    if all(finding.level != "error" for finding in findings):
        console.result(document, "\n\n".join(filter(None, (table(findings), tally(files, findings)))))
        return
    if console.mode != "json":
        console.say(table(findings) + "\n")
    failed = ChecksFailed(tally(files, findings))
    failed.document = document
    raise failed
