"""The end of a run: what the evidence says of itself, and all of it written down."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from deploy.catalogue import REQUIREMENTS
from deploy.errors import EvidenceError
from deploy.evidence.documentation import documentation
from deploy.evidence.model import Evidence
from deploy.evidence.publish import publish
from deploy.evidence.requirements import requirements
from deploy.evidence.store import folder, keep, read
from deploy.proof import Proof
from deploy.secret import Redactor

_ASKED = "a page, a summary and a test report are written, and each names every task, or without a list every check"
_OURS = ("documentation", "summary", REQUIREMENTS)


def conclude(root: Path, evidence: Evidence, task_list: Path | None, redact: Redactor) -> Evidence:
    """Add the proofs of its own checks, write evidence and reports, and give the evidence as it is on disk.

    A report that cannot be written is `summary` failed. `task_list` has the boxes of the tasks, None without any.
    Raises OSError when not even the evidence can be written.
    """
    shown = documentation(root, task_list, evidence.tasks)
    good = Proof(check="summary", verdict="passed", asked=_ASKED, seen="each of 3 reports names them")
    whole = read(keep(root, _with(evidence, shown, good), redact))
    home = folder(root, whole.target, whole.deploy)
    try:
        faults = tuple(_faults(whole, publish(whole, home, home)))
    except EvidenceError as error:
        faults = (f"{error.what} {error.cause}",)
    if not faults:
        return whole
    bad = Proof(check="summary", verdict="failed", asked=_ASKED, seen=faults[0], details=faults)
    whole = read(keep(root, _with(evidence, shown, bad), redact))
    with suppress(EvidenceError):  # that it cannot be written is what this evidence says
        publish(whole, home, home)
    return whole


def _faults(whole: Evidence, files: Mapping[str, Path]) -> Iterator[str]:
    for name, path in files.items():
        text = path.read_text(encoding="utf-8")
        absent = [task.id for task in whole.rows if task.id not in text]
        if absent:
            yield f"the {name} does not name {', '.join(absent)}"


def _with(evidence: Evidence, shown: Proof, written: Proof) -> Evidence:
    others = tuple(proof for proof in evidence.proofs if proof.check not in _OURS)
    most = replace(evidence, proofs=(*others, shown, written))
    return replace(most, proofs=(*most.proofs, requirements(most))) if most.tasks else most
