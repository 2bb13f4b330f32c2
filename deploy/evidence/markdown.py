"""The summary of a run for a CI job's page: verdict, a line a phase, failures, the slowest checks."""

from __future__ import annotations

from collections.abc import Iterator

from deploy.evidence.model import Evidence
from deploy.evidence.phrases import clipped, duration, headline, label, moment, next_command, omissions, slowest, words
from deploy.markdown import plain
from deploy.marks import SIGNS

_LONGEST = 300
"""Characters of one value."""
_SLOWEST = 5


def summary(evidence: Evidence) -> str:
    """Markdown; every value is escaped and on one line."""
    parts = (_head(evidence), _phases(evidence), _failures(evidence), _omissions(evidence), _slowest(evidence))
    return "\n\n".join("\n".join(part) for part in map(list, parts) if part) + "\n"


def _head(evidence: Evidence) -> Iterator[str]:
    yield f"## {SIGNS[evidence.standing]} {headline(evidence)}"
    yield ""
    facts = {"revision": evidence.revision, "commit": evidence.commit, "source": evidence.source_sha}
    said = [f"**{_inline(evidence.space)}** ({_inline(evidence.target)}): {_inline(words(evidence.verdict))}"]
    said += [f"{name} {_inline(value[:12])}" for name, value in facts.items() if value]
    yield ", ".join([*said, moment(evidence.started), duration(evidence.seconds), _inline(evidence.deploy)])


def _phases(evidence: Evidence) -> Iterator[str]:
    yield "| Phase | Proved | Tasks |" if evidence.tasks else "| Command | Passed | Checks |"
    yield "|---|---:|---|"
    for phase, tasks in evidence.phases.items():
        verdicts = {task.id: evidence.verdict_of(task) for task in tasks}
        proved = f"{list(verdicts.values()).count('passed')} of {len(verdicts)}"
        signs = " ".join(f"{SIGNS[verdict]} {task}" for task, verdict in verdicts.items())
        yield f"| {_inline(phase)} | {proved} | {signs} |"


def _failures(evidence: Evidence) -> Iterator[str]:
    if evidence.failed:
        yield "| Failed | Asked | Seen | Next |"
        yield "|---|---|---|---|"
    for proof in evidence.failed:
        name = _inline(label(evidence, proof.check))
        command = _inline(next_command(proof.check, evidence.target))
        yield f"| {name} | {_inline(proof.asked)} | {_inline(proof.seen)} | {command} |"


def _omissions(evidence: Evidence) -> Iterator[str]:
    rows = [f"| {f'{task.id} {checks}'.strip()} | {_inline(why)} |" for task, checks, why in omissions(evidence)]
    yield from ["| Not run | Why |", "|---|---|", *rows] if rows else []


def _slowest(evidence: Evidence) -> Iterator[str]:
    timed = slowest(evidence, _SLOWEST)
    if timed:
        yield "| Slowest checks | Took |"
        yield "|---|---:|"
    yield from (f"| {_inline(proof.check)} | {duration(proof.seconds)} |" for proof in timed)


def _inline(value: str) -> str:
    return plain(clipped(value, _LONGEST))
