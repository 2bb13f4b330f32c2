"""JUnit XML: a suite a phase, a case a check; as Jenkins, GitLab and GitHub's report actions read it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from deploy.catalogue import Task
from deploy.evidence.model import Evidence
from deploy.evidence.phrases import heading, visible
from deploy.proof import Proof

Case = tuple[str, Proof]
"""A class name, `<phase>/<task>`, and what is in it."""


def junit(evidence: Evidence) -> str:
    """One XML document. A check that was not run is skipped, with its reason."""
    phases = enumerate(evidence.phases.items(), start=1)
    suites = [(heading(evidence, number, it), list(_cases(evidence, it, tasks))) for number, (it, tasks) in phases]
    suites += [("Other checks", [("Other checks", proof) for proof in evidence.others])] if evidence.others else []
    root = Element("testsuites", {"name": f"{visible(evidence.space)} {visible(evidence.deploy)}"})
    _count(root, [proof for _, cases in suites for _, proof in cases])
    for name, cases in suites:
        suite = SubElement(root, "testsuite", {"name": visible(name), "errors": "0", "timestamp": _timestamp(evidence)})
        _count(suite, [proof for _, proof in cases])
        for case in cases:
            _add(suite, case)
    indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(root, encoding="unicode") + "\n"


def _cases(evidence: Evidence, phase: str, tasks: Sequence[Task]) -> Iterator[Case]:
    for task in tasks:
        yield from ((f"{visible(phase)}/{task.id}", proof) for proof in evidence.proofs_of(task))


def _count(element: Element, proofs: Sequence[Proof]) -> None:
    verdicts = [proof.verdict for proof in proofs]
    element.set("tests", str(len(proofs)))
    element.set("failures", str(verdicts.count("failed")))
    element.set("skipped", str(verdicts.count("not run")))
    element.set("time", f"{sum(proof.seconds for proof in proofs):.3f}")


def _add(suite: Element, case: Case) -> None:
    classname, proof = case
    attributes = {"classname": classname, "name": visible(proof.check), "time": f"{proof.seconds:.3f}"}
    element = SubElement(suite, "testcase", attributes)
    if proof.verdict == "failed":
        failure = SubElement(element, "failure", {"message": visible(proof.seen), "type": "failed"})
        failure.text = visible("\n".join((f"asked: {proof.asked}", f"seen: {proof.seen}", *proof.details)))
    elif proof.verdict == "not run":
        SubElement(element, "skipped", {"message": visible(proof.seen)})


def _timestamp(evidence: Evidence) -> str:
    """Without an offset, as the format has it (ISO 8601, UTC)."""
    return f"{evidence.started.astimezone(UTC):%Y-%m-%dT%H:%M:%S}"
