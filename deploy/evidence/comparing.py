"""What changed between two releases: tasks, figures, endpoints, time, and what was shipped."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass

from deploy.catalogue import OPTIONAL
from deploy.evidence.model import Evidence
from deploy.evidence.percentiles import measured
from deploy.proof import Verdict

MOVED = 0.1
"""Share by which a figure must have moved to be told."""
_NOTICED = 1.0
"""Seconds; a shorter difference between two times is noise."""
_FACTS = ("revision", "commit", "source_sha", "image", "verdict")


@dataclass(frozen=True, kw_only=True)
class TaskChange:
    id: str
    title: str
    before: Verdict
    after: Verdict


@dataclass(frozen=True, kw_only=True)
class FigureChange:
    """`name` is `<check>: <figure>`; None: the figure was not measured."""

    name: str
    before: float | None
    after: float | None

    @property
    def share(self) -> float | None:
        """By how much it moved, of what it was: 0.5 is half more. None when it was 0 or is not known twice."""
        if not self.before or self.after is None:
            return None
        return (self.after - self.before) / abs(self.before)

    @property
    def significant(self) -> bool:
        """Known twice, and moved by more than a tenth."""
        if self.before is None or self.after is None:
            return False
        return self.before != self.after if self.share is None else abs(self.share) > MOVED


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """`facts` are pairs that differ; `figures` and `times`, in seconds, moved by more than a tenth.

    `measured_once` has, for each check with figures that only one of the two knows, how many only the one before and
    only the one after has.
    """

    before: str
    after: str
    facts: Mapping[str, tuple[str, str]]
    tasks: tuple[TaskChange, ...]
    figures: tuple[FigureChange, ...]
    measured_once: Mapping[str, tuple[int, int]]
    times: tuple[FigureChange, ...]
    endpoints_added: tuple[str, ...]
    endpoints_gone: tuple[str, ...]
    tools: Mapping[str, tuple[str, str]]

    def document(self) -> dict[str, object]:
        return asdict(self)


def compare(before: Evidence, after: Evidence) -> Comparison:
    old, new = _endpoints(before), _endpoints(after)
    figures = tuple(_changes(_figures(before), _figures(after)))
    return Comparison(
        before=before.deploy,
        after=after.deploy,
        facts=_differing(
            {name: getattr(before, name) for name in _FACTS}, {name: getattr(after, name) for name in _FACTS}
        ),
        tasks=tuple(_tasks(before, after)),
        figures=tuple(change for change in figures if change.significant),
        measured_once=_once(figures),
        times=tuple(_times(before, after)),
        endpoints_added=tuple(name for name in new if name not in old),
        endpoints_gone=tuple(name for name in old if name not in new),
        tools=_differing(before.tools, after.tools),
    )


def _tasks(before: Evidence, after: Evidence) -> Iterator[TaskChange]:
    """Of the tasks there are now, and of their optional checks, which may change and leave the task as it was."""
    for task in after.rows:
        old, new = before.verdict_of(task), after.verdict_of(task)
        if old != new:
            yield TaskChange(id=task.id, title=task.title, before=old, after=new)
        pairs = zip(before.proofs_of(task), after.proofs_of(task), strict=True)
        for proof, later in pairs if len(task.checks) > 1 else ():
            if proof.check in OPTIONAL and proof.verdict != later.verdict:
                title = f"its check {proof.check}, optional"
                yield TaskChange(id=task.id, title=title, before=proof.verdict, after=later.verdict)


def _figures(evidence: Evidence) -> dict[str, float]:
    """Figures of all checks, and the percentiles of each operation."""
    found = {f"{proof.check}: {name}": value for proof in evidence.proofs for name, value in proof.figures.items()}
    for proof in evidence.proofs:
        for row in measured(proof):
            found |= {f"{proof.check}: {row.operation} {name}": value for name, value in row.values.items()}
    return found


def _once(figures: tuple[FigureChange, ...]) -> dict[str, tuple[int, int]]:
    counts: dict[str, tuple[int, int]] = {}
    for figure in figures:
        if figure.before is None or figure.after is None:
            check = figure.name.partition(": ")[0]
            gone, added = counts.get(check, (0, 0))
            counts[check] = (gone + (figure.after is None), added + (figure.before is None))
    return counts


def _times(before: Evidence, after: Evidence) -> Iterator[FigureChange]:
    """The whole, always; and each step and check whose time moved by more than a tenth and a second."""
    yield FigureChange(name="the whole", before=before.seconds, after=after.seconds)
    for change in _changes(_seconds(before), _seconds(after)):
        if change.significant and abs((change.after or 0.0) - (change.before or 0.0)) > _NOTICED:
            yield change


def _seconds(evidence: Evidence) -> dict[str, float]:
    steps = {f"step {step.name}": step.seconds for step in evidence.steps}
    return steps | {f"check {proof.check}": proof.seconds for proof in evidence.proofs if proof.verdict != "not run"}


def _changes(old: Mapping[str, float], new: Mapping[str, float]) -> Iterator[FigureChange]:
    for name in dict.fromkeys((*old, *new)):
        yield FigureChange(name=name, before=old.get(name), after=new.get(name))


def _endpoints(evidence: Evidence) -> tuple[str, ...]:
    rows = (row for proof in evidence.proofs for row in proof.tables.get("endpoints", ()))
    return tuple(dict.fromkeys(str(row.get("operation", "")) for row in rows))


def _differing(old: Mapping[str, str], new: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    names = dict.fromkeys((*old, *new))
    return {name: (old.get(name, ""), new.get(name, "")) for name in names if old.get(name, "") != new.get(name, "")}
