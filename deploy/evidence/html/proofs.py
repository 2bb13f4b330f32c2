"""Every check with what was asked and seen, under the task that it proves."""

from __future__ import annotations

from collections.abc import Iterator

from deploy.catalogue import Task
from deploy.evidence.html.badges import anchor, badge, section
from deploy.evidence.html.elements import Html, element, fragment, prose
from deploy.evidence.html.tables import ENDPOINTS, table
from deploy.evidence.model import Evidence
from deploy.evidence.phrases import LONGEST, clipped, duration, heading, number, word, words
from deploy.proof import Proof
from deploy.wording import counted

_UNFOLDED = 20
"""Lines of a failed check's details that are shown without being asked for."""
_LINES = 200
"""Lines of details that the page shows; the rest is in evidence.json."""


def checks(evidence: Evidence) -> Html:
    phases = (
        fragment(element("h3", heading(evidence, index, phase)), *(_task(evidence, task) for task in tasks))
        for index, (phase, tasks) in enumerate(evidence.phases.items(), start=1)
    )
    return section("Checks", *phases, _others(evidence))


def _task(evidence: Evidence, task: Task) -> Html:
    verdict = evidence.verdict_of(task)
    said = badge(verdict, word(evidence, verdict))
    return element(
        "article",
        element("h4", element("b", task.id), element("span", prose(task.title)), said),
        *(_proof(proof, alone=len(task.checks) == 1) for proof in evidence.proofs_of(task)),
        id=anchor(task),
        class_="task",
    )


def _others(evidence: Evidence) -> Html | None:
    """Checks of deploy.toml and the like, which prove no task."""
    if not evidence.others:
        return None
    shown = (
        element(
            "article",
            element("h4", element("span", proof.check), badge(proof.verdict, proof.verdict)),
            _proof(proof, alone=True),
            class_="task",
        )
        for proof in evidence.others
    )
    return fragment(element("h3", "Other checks", id="other-checks"), *shown)


def _proof(proof: Proof, *, alone: bool) -> Html:
    """`alone`: the heading says its verdict already."""
    return element(
        "div",
        element("p", element("code", proof.check), *_verdict(proof, alone=alone), class_="check"),
        element("dl", *_facts(proof)),
        *_inside(proof),
        class_="proof",
    )


def _verdict(proof: Proof, *, alone: bool) -> Iterator[Html]:
    if not alone:
        yield badge(proof.verdict, proof.verdict)
    if proof.verdict != "not run":
        yield element("small", duration(proof.seconds))


def _facts(proof: Proof) -> Iterator[Html]:
    rows = {"Asked": proof.asked, "Why" if proof.verdict == "not run" else "Seen": proof.seen}
    yield from (
        fragment(element("dt", name), element("dd", prose(clipped(value, LONGEST))))
        for name, value in rows.items()
        if value
    )


def _inside(proof: Proof) -> Iterator[Html]:
    """What is folded: violations, figures, tables that have no part of the page to themselves."""
    unfolded = proof.verdict == "failed" and len(proof.details) <= _UNFOLDED
    if proof.details:
        yield _folded(counted(len(proof.details), "line") + " of details", _lines(proof.details), unfolded=unfolded)
    if proof.figures:
        rows = (
            element("div", element("dt", words(name)), element("dd", number(value)))
            for name, value in proof.figures.items()
        )
        yield _folded(counted(len(proof.figures), "figure"), element("dl", *rows, class_="figures"))
    for name, rows_of in proof.tables.items():
        if name != ENDPOINTS and rows_of:
            yield _folded(f"{words(name)}, {counted(len(rows_of), 'row')}", table(rows_of, words(name)))


def _folded(title: str, content: Html, *, unfolded: bool = False) -> Html:
    return element("details", element("summary", title), content, open=unfolded)


def _lines(details: tuple[str, ...]) -> Html:
    shown = [element("li", line if len(line) <= LONGEST else f"{line[:LONGEST]} …") for line in details[:_LINES]]
    if len(details) > _LINES:
        shown.append(element("li", f"… {len(details) - _LINES} more lines are in evidence.json"))
    return element("ol", *shown, class_="lines")
