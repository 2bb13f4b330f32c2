"""Evidence in the 80 columns of a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from textwrap import wrap

from deploy.evidence.model import Evidence
from deploy.evidence.phrases import clipped, duration, headline, label, next_command, omissions, words
from deploy.marks import MARKS

_WIDTH = 80
_LONGEST_NAME = 44
_LONGEST = 400
"""Characters of one value; the report has it whole."""


def shown(evidence: Evidence, files: Mapping[str, Path]) -> str:
    """A line a phase, failures with asked, seen and next, what was not run and why, and where the files are."""
    facts = (evidence.space, evidence.target, evidence.deploy, words(evidence.verdict))
    parts = (
        [f"  {line}" for line in wrap(" · ".join(clipped(fact, _WIDTH) for fact in facts), _WIDTH - 2)],
        list(_phases(evidence)),
        list(_failures(evidence)),
        list(_omissions(evidence)),
        [f"  {headline(evidence)}, in {duration(evidence.seconds)}"],
        [f"  {name:<8} {path}" for name, path in files.items()],
    )
    return "\n\n".join("\n".join(part) for part in parts if part)


def labelled(rows: Sequence[tuple[str, str]], indent: int) -> Iterator[str]:
    """`name  value` with values that are wrapped below each other."""
    shown = [(clipped(name, _LONGEST_NAME), value) for name, value in rows]
    width = max((len(name) for name, _ in shown), default=0)
    for name, value in shown:
        room = _WIDTH - indent - width - 2
        first, *rest = wrap(clipped(value, _LONGEST), room) or [""]
        yield f"{' ' * indent}{name:<{width}}  {first}"
        yield from (f"{' ' * (indent + width + 2)}{line}" for line in rest)


def _phases(evidence: Evidence) -> Iterator[str]:
    shown = [clipped(phase, _LONGEST_NAME) for phase in evidence.phases]
    width = max(map(len, shown))
    for number, (phase, tasks) in enumerate(zip(shown, evidence.phases.values(), strict=True), start=1):
        verdicts = [evidence.verdict_of(task) for task in tasks]
        marks = " ".join(MARKS[verdict] for verdict in verdicts)
        yield f"  {number} {phase:<{width}}  {verdicts.count('passed')} of {len(verdicts)}  {marks}"


def _failures(evidence: Evidence) -> Iterator[str]:
    for proof in evidence.failed:
        yield f"  {MARKS['failed']} {clipped(label(evidence, proof.check), _WIDTH - 5)}"
        first = [("first", proof.details[0])] if proof.details else []
        rows = [("asked", proof.asked), ("seen", proof.seen), *first]
        yield from labelled([*rows, ("next", next_command(proof.check, evidence.target))], 4)


def _omissions(evidence: Evidence) -> Iterator[str]:
    for task, checks, why in omissions(evidence):
        yield from labelled([(f"{MARKS['not run']} {task.id}", f"{checks}: {why}" if checks else why)], 2)
