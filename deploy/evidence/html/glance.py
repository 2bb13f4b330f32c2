"""35 tasks at a glance: a cell each, in seven phases; and in words what failed and what was not run."""

from __future__ import annotations

from collections.abc import Iterator

from deploy.evidence.catalogue import OF_CHECK, PHASES, TASKS, Task, of_phase
from deploy.evidence.html.badges import mark, section, style
from deploy.evidence.html.elements import Html, element, fragment, identifier, prose
from deploy.evidence.model import Evidence
from deploy.evidence.phrases import LONGEST, TASK_WORDS, clipped, next_command
from deploy.proof import Proof


def glance(evidence: Evidence) -> Html:
    return section("Tasks", *(_phase(evidence, phase) for phase in PHASES))


def troubles(evidence: Evidence) -> Html | None:
    """Asked, seen and next of each failed check; None when there is none."""
    if not evidence.failed:
        return None
    return section(
        "What failed", element("ul", *(_trouble(evidence, proof) for proof in evidence.failed), class_="troubles")
    )


def omissions(evidence: Evidence) -> Html | None:
    """The reason of each task that was not run, and of each optional check; None when there is none."""
    rows = [_omission(evidence, task) for task in TASKS if evidence.verdict_of(task) == "not run"]
    rows += [_left_out(task, proof) for task, proof in evidence.left_out if evidence.verdict_of(task) != "not run"]
    return section("What was not run", element("ul", *rows, class_="omissions")) if rows else None


def _phase(evidence: Evidence, phase: int) -> Html:
    tasks = of_phase(phase)
    proved = sum(evidence.verdict_of(task) == "passed" for task in tasks)
    return element(
        "div",
        element(
            "h3",
            element("span", f"{phase}", class_="count", aria_hidden="true"),
            element("span", PHASES[phase]),
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
            element("span", ", ".join(task.checks), class_="checks"),
            element("span", mark(verdict), " ", TASK_WORDS[verdict], class_="word"),
            href=f"#{identifier(task.id)}",
            title=task.title.replace("`", ""),
            class_=f"cell {style(verdict)}",
        ),
    )


def _trouble(evidence: Evidence, proof: Proof) -> Html:
    task = OF_CHECK.get(proof.check)
    place = identifier(task.id) if task else "other-checks"
    return element(
        "li",
        element(
            "h3", mark("failed"), " ", element("a", task.id if task else "Check", href=f"#{place}"), f" {proof.check}"
        ),
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


def _left_out(task: Task, proof: Proof) -> Html:
    return element(
        "li",
        element("a", task.id, href=f"#{identifier(task.id)}"),
        f" {proof.check}, which its task can do without",
        element("small", clipped(proof.seen, LONGEST)),
    )


def _omission(evidence: Evidence, task: Task) -> Html:
    reasons = dict.fromkeys(f"{it.check}: {it.seen}" for it in evidence.proofs_of(task) if it.verdict == "not run")
    return element(
        "li",
        element("a", task.id, href=f"#{identifier(task.id)}"),
        " ",
        prose(task.title),
        element("small", clipped("; ".join(reasons), LONGEST)),
    )
