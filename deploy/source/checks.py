"""The static checks of the source, in the order of the tasks that they prove."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from deploy.config import Config
from deploy.source.findings import Finding
from deploy.source.material import Material
from deploy.source.rules import entry, files, packages, ports, secrets, serving, specification, structure
from deploy.source.tree import Tree

__all__ = ["CHECKS", "Finding", "run_checks"]

Check = Callable[[Material], Iterator[Finding]]

CHECKS: Mapping[str, tuple[Check, ...]] = {
    "T001": (specification.specification,),
    "T002": (
        *(structure.dockerfile, structure.copies, structure.kept_out),
        *(structure.json_forms, structure.command, structure.card),
        *(files.syntax, files.ignored, files.large, files.pointers, files.executables),
    ),
    "T003": (packages.requirements, packages.server),
    "T004": (entry.module, entry.started, entry.twins),
    "T005": (entry.application,),
    "T006": (packages.covered, packages.inputs, packages.python),
    "T007": (secrets.env_files, secrets.shipped),
    "T008": (ports.contradiction, ports.announcements),
    "T011": (serving.starts,),
    "T013": (ports.binding,),
}
"""Each task's checks. A task without findings is passed, but T001 where no specification is declared: not run."""


def run_checks(config: Config, tree: Tree) -> tuple[Finding, ...]:
    """All findings, by task and place, with paths from the project's root.

    In a strict project warnings are errors. Raises SourceError when a file changes meanwhile.
    """
    material = Material(config, tree)
    found = (finding for checks in CHECKS.values() for check in checks for finding in check(material))
    return tuple(sorted((_placed(config, finding) for finding in found), key=_order))


def _placed(config: Config, finding: Finding) -> Finding:
    folder, root = config.source.path, config.root
    below = folder.relative_to(root).as_posix() if folder.is_relative_to(root) else folder.as_posix()
    file = None if finding.file is None else finding.file if below == "." else f"{below}/{finding.file}"
    return replace(finding, file=file, level="error" if config.source.strict else finding.level)


def _order(finding: Finding) -> tuple[str, str, int, str]:
    return finding.task, finding.file or "", finding.line or 0, finding.code
