"""How reports put verdicts, times and sizes into words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime

from deploy.catalogue import COMMANDS, Task, ids_of
from deploy.evidence.model import Evidence
from deploy.proof import Cell, Proof, Verdict

_UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")
"""Control characters, what turns the direction of the text around it, and what no XML holds."""
LONGEST = 2000
"""Characters of one value that a page shows; evidence.json has it whole."""


def headline(evidence: Evidence) -> str:
    """`35 of 35 tasks proved`, `31 of 35 tasks proved, 2 failed, 2 not run`."""
    tally = evidence.tally()
    rest = [f"{tally[verdict]} {verdict}" for verdict in ("failed", "not run") if tally[verdict]]
    said = f"{'tasks' if evidence.tasks else 'checks'} {word(evidence, 'passed')}"
    return ", ".join([f"{tally['passed']} of {sum(tally.values())} {said}", *rest])


def heading(evidence: Evidence, number: int, phase: str) -> str:
    """`Phase 1: Setup`; without a list of tasks the command alone."""
    return f"Phase {number}: {phase}" if evidence.tasks else phase


def word(evidence: Evidence, verdict: Verdict) -> str:
    """The verdict of a row: a task is proved, and a check of a project without tasks passed."""
    return "proved" if evidence.tasks and verdict == "passed" else verdict


def label(evidence: Evidence, check: str) -> str:
    """`<task> ports`: a check after the tasks that it proves."""
    return " ".join((*ids_of(check, evidence.tasks), check))


def names(task: Task) -> str:
    """Those of its checks; nothing where it is a check itself."""
    return "" if task.checks == (task.id,) else ", ".join(task.checks)


def omissions(evidence: Evidence) -> Iterator[tuple[Task, str, str]]:
    """Each row that was not run, its checks and why; then each optional check that was left out."""
    for task in evidence.rows:
        if evidence.verdict_of(task) == "not run":
            reasons = (proof.seen for proof in evidence.proofs_of(task) if proof.verdict == "not run")
            yield task, names(task), "; ".join(dict.fromkeys(reasons))
    yield from ((task, f"{proof.check}, optional", proof.seen) for task, proof in evidence.left_out)


def next_command(check: str, target: str) -> str:
    """What to run to see a check again."""
    command = COMMANDS.get(check, "verify")
    return f"invoke {command}" + (f" --to {target}" if command not in _OF_THE_SOURCE else "")


_OF_THE_SOURCE = {"check", "smoke", "lock.audit"}
"""Commands that look at no Space."""


def slowest(evidence: Evidence, count: int) -> tuple[Proof, ...]:
    """The checks that took longest, longest first; those without a time are left out."""
    timed = [proof for proof in evidence.proofs if proof.seconds > 0]
    return tuple(sorted(timed, key=lambda proof: proof.seconds, reverse=True)[:count])


def duration(seconds: float) -> str:
    """`0.4 s`, `41 s`, `3 min 12 s`, `1 h 5 min`."""
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if minutes else f"{hours} h"


def moment(when: datetime) -> str:
    """`22 November 2026, 20:15 UTC`."""
    there = when.astimezone(UTC)
    return f"{there.day} {there:%B %Y, %H:%M} UTC"


def cell(value: Cell) -> str:
    """A value of a table: whole numbers whole, others to three places at most, nothing for none."""
    if value is None:
        return ""
    return number(value) if isinstance(value, float) else str(value)


def number(value: float) -> str:
    return f"{value:.3f}".rstrip("0").rstrip(".") if abs(value) < 1e15 else f"{value:g}"


def size(count: int) -> str:
    """Bytes: `812 kB`, `1.4 MB`."""
    return f"{count / 1e6:.1f} MB" if count >= 1_000_000 else f"{max(1, round(count / 1e3))} kB"


def words(name: str) -> str:
    """A name of a figure or column as people write it: `p95_ms` is `p95 ms`."""
    return name.replace("_", " ")


def visible(text: str) -> str:
    """What cannot be seen is shown by its number, such as `\\x1b`; tabs and line ends stay."""
    return _UNSEEN.sub(lambda found: _numbered(found[0]), text.replace("\r\n", "\n"))


def clipped(text: str, most: int) -> str:
    """On one line, visible, and at most that many characters."""
    line = " ".join(visible(text).split())
    return line if len(line) <= most else f"{line[: most - 2]} …"


def _numbered(character: str) -> str:
    code = ord(character)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"
