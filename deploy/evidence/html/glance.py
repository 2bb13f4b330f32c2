"""The tasks at a glance: a cell each, by phase; and in words what failed and what was not run."""

from __future__ import annotations

from collections.abc import Iterator

from deploy.catalogue import Task
from deploy.evidence.html.badges import anchor, mark, section
from deploy.evidence.html.elements import Html, element, fragment, identifier, prose
from deploy.evidence.model import Evidence
from deploy.evidence.phrases import LONGEST, clipped, label, names, next_command, omissions, word
from deploy.proof import Proof


def glance(evidence: Evidence) -> Html:
    phases = (_phase(evidence, number, phase) for number, phase in enumerate(evidence.phases, start=1))
    return section("Tasks" if evidence.tasks else "At a glance", *phases)


def troubles(evidence: Evidence) -> Html | None:
    """Asked, seen and next of each failed check; None when there is none."""
    if not evidence.failed:
        return None
    return section(
        "What failed", element("ul", *(_trouble(evidence, proof) for proof in evidence.failed), class_="troubles")
    )


def not_run(evidence: Evidence) -> Html | None:
    """The reason of each task that was not run, and of each optional check; None when there is none."""
    rows = [_omission(*omission) for omission in omissions(evidence)]
    return section("What was not run", element("ul", *rows, class_="omissions")) if rows else None


def _phase(evidence: Evidence, number: int, phase: str) -> Html:
    tasks = evidence.phases[phase]
    proved = sum(evidence.verdict_of(task) == "passed" for task in tasks)
    return element(
        "div",
        element(
            "h3",
            element("span", f"{number}", class_="count", aria_hidden="true"),
            element("span", phase),
            element("small", f"{proved} of {len(tasks)}"),
        ),
        element("ul", *(_cell(evidence, task) for task in tasks), class_="cells"),
        class_="phase",
    )


def _cell(evidence: Evidence, task: Task) -> Html:
    verdict = evidence.verdict_of(task)
    return element(
        "li",
        element(
            "a",
            element("b", task.id),
            element("span", names(task), class_="checks") if names(task) else None,
            element("span", mark(verdict), " ", word(evidence, verdict), class_="word"),
            href=f"#{anchor(task)}",
            title=task.title.replace("`", ""),
            class_=f"cell {identifier(verdict)}",
        ),
    )


def _trouble(evidence: Evidence, proof: Proof) -> Html:
    place = next((anchor(task) for task in evidence.rows if proof.check in task.checks), "other-checks")
    return element(
        "li",
        element("h3", mark("failed"), " ", element("a", label(evidence, proof.check), href=f"#{place}")),
        element(
            "dl",
            *_said(proof),
            element("dt", "Next"),
            element("dd", element("code", next_command(proof.check, evidence.target))),
        ),
    )


def _said(proof: Proof) -> Iterator[Html]:
    yield fragment(element("dt", "Asked"), element("dd", prose(clipped(proof.asked, LONGEST))))
    yield fragment(element("dt", "Seen"), element("dd", prose(clipped(proof.seen, LONGEST))))
    if proof.details:
        yield fragment(element("dt", "First"), element("dd", element("code", clipped(proof.details[0], LONGEST))))


def _omission(task: Task, checks: str, why: str) -> Html:
    said = element("small", clipped(f"{checks}: {why}" if checks else why, LONGEST))
    return element("li", element("a", task.id, href=f"#{anchor(task)}"), " ", prose(task.title), said)
