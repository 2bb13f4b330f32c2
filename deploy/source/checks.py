"""The static checks of the source: which rules each has."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from deploy.catalogue import ids_of
from deploy.config import Config
from deploy.source.findings import Finding, warning
from deploy.source.material import Material
from deploy.source.rules import (
    build,
    entry,
    files,
    own_modules,
    packages,
    ports,
    second_server,
    secrets,
    specification,
    structure,
)
from deploy.source.tree import Tree

__all__ = ["CHECKS", "Finding", "run_checks"]

Rule = Callable[[Material], Iterator[Finding]]

CHECKS: Mapping[str, tuple[Rule, ...]] = {
    "specification": (specification.specification,),
    "structure": (
        *(structure.dockerfile, structure.copies, structure.kept_out, structure.locks),
        *(structure.json_forms, structure.command, structure.signals, structure.card),
        *(build.questions, files.syntax, files.large, files.pointers, files.executables),
    ),
    "dependencies": (packages.requirements, packages.server, build.hashes, build.indexes),
    "entry": (entry.module, entry.started),
    "application": (entry.application,),
    "imports": (packages.covered, packages.unimported, own_modules.absent, packages.inputs, packages.python),
    "secrets": (secrets.env_files, secrets.shipped, build.mounted),
    "ports": (ports.contradiction,),
    "server starts": (second_server.starts,),
    "binding": (ports.binding,),
}
"""A check without findings is passed, but `specification` where none is declared: not run."""


def run_checks(config: Config, tree: Tree, redact: Callable[[str], str] = str) -> tuple[Finding, ...]:
    """All findings, by check and place, with paths from the project's root.

    In a strict project warnings are errors. `redact` takes out of a text the secrets that are known here: a finding
    whose line holds one is never excused. Raises SourceError when a file changes meanwhile.
    """
    material = Material(config, tree)
    pairs = [(check, finding) for check, rules in CHECKS.items() for rule in rules for finding in rule(material)]
    found = [_excused(config, _placed(config, *pair), _known(material, pair[1], redact)) for pair in pairs]
    return tuple(sorted((*found, *_unused(config, found)), key=_order))


def _excused(config: Config, finding: Finding, known: bool) -> Finding:
    reason = next((one.reason for one in config.excuses if one.covers(finding.code, finding.file)), "")
    if not reason:
        return finding
    if known:
        what = f"{finding.what}; its line holds a secret of the target, which nothing in deploy.toml excuses"
        return replace(finding, what=what, level="error")
    return replace(finding, level="excused", excused=reason, cure=f"excused in deploy.toml: {reason}")


def _known(material: Material, finding: Finding, redact: Callable[[str], str]) -> bool:
    text = material.text(finding.file) if finding.file else ""
    lines = text.splitlines()[finding.line - 1 : finding.line] if finding.line else [text]
    return any(redact(line) != line for line in lines)


def _unused(config: Config, found: list[Finding]) -> Iterator[Finding]:
    for one in config.excuses:
        if not any(one.covers(finding.code, finding.file) for finding in found):
            what = f"nothing is found that {one.text!r} excuses"
            unused = warning("excuse-unused", what, "take it out of [check] allow in deploy.toml")
            yield _placed(config, "structure", unused)


def _placed(config: Config, check: str, finding: Finding) -> Finding:
    folder, root = config.source.path, config.root
    below = folder.relative_to(root).as_posix() if folder.is_relative_to(root) else folder.as_posix()
    file = None if finding.file is None else finding.file if below == "." else f"{below}/{finding.file}"
    level = "error" if config.source.strict else finding.level
    return replace(finding, file=file, level=level, check=check, tasks=ids_of(check, config.tasks))


def _order(finding: Finding) -> tuple[int, str, int, str]:
    return list(CHECKS).index(finding.check), finding.file or "", finding.line or 0, finding.code
