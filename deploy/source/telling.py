"""Findings as people read them: in a terminal, and as a table of a job's summary."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from deploy.catalogue import ASKED
from deploy.console import Console
from deploy.markdown import row
from deploy.marks import MARKS
from deploy.source.findings import Finding
from deploy.wording import counted

_WIDTH = 50
"""Characters of the column that places stand in; a longer one takes a line of its own."""


def tally(files: int, findings: Sequence[Finding]) -> str:
    """`14 files, 0 errors, 1 warning`, and how many are excused if any is."""
    levels = Counter(finding.level for finding in findings)
    excused = f", {levels['excused']} excused" if levels["excused"] else ""
    told = f"{counted(levels['error'], 'error')}, {counted(levels['warning'], 'warning')}"
    return f"{counted(files, 'file')}, {told}{excused}"


def table(findings: Sequence[Finding]) -> str:
    """One block a check: its name, then place, fault, code and cure of each finding."""
    width = min(_WIDTH, max((len(finding.place) for finding in findings), default=0))
    lines: list[str] = []
    for (label, check), group in groupby(findings, key=lambda finding: (finding.label, finding.check)):
        lines += ["", f"{label}  {ASKED[check]}", *(line for finding in group for line in _rows(finding, width))]
    return "\n".join(lines[1:])


def annotate(console: Console, findings: Iterable[Finding]) -> None:
    """Each on its line of its file, once, where a CI job shows such; nothing in the other modes."""
    for finding in findings:
        if finding.level != "excused":
            console.annotate(finding.level, finding.text, file=finding.file, line=finding.line, title=finding.code)


def markdown(files: int, findings: Sequence[Finding]) -> str:
    """A table for the step summary of a job."""
    rows = [row(item.label, item.level, item.place, item.what, item.cure) for item in findings]
    head = ["| check | level | place | what | cure |", "| --- | --- | --- | --- | --- |"] if rows else []
    return "\n".join([f"**check**: {tally(files, findings)}", "", *head, *rows])


def _rows(finding: Finding, width: int) -> Iterator[str]:
    mark = MARKS[finding.level]
    indent = " " * (width + 6 if width else 4)
    what = f"{finding.what} [{finding.code}]"
    if len(finding.place) > width:
        yield f"  {mark} {finding.place}"
        yield f"{indent}{what}"
    else:
        yield f"  {mark} {finding.place:<{width}}  {what}" if width else f"  {mark} {what}"
    yield f"{indent}→ {finding.cure}"
