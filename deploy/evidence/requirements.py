"""Whether the requirements are satisfied that the project's tasks stand for."""

from __future__ import annotations

from collections.abc import Mapping

from deploy.catalogue import REQUIREMENTS
from deploy.evidence.model import Evidence
from deploy.proof import Proof, Verdict
from deploy.wording import counted


def requirements(evidence: Evidence) -> Proof:
    """From what is known of all tasks: failed when one of them failed, passed when all are proved.

    Where no task stands for a requirement there is nothing to sum up: not run.
    """
    names = sorted({name for task in evidence.tasks for name in task.requirements})
    known = {
        name: {task.id: evidence.verdict_of(task) for task in evidence.tasks if name in task.requirements}
        for name in names
    }
    verdicts = {name: _worst(set(tasks.values())) for name, tasks in known.items()}
    satisfied = sum(verdict == "passed" for verdict in verdicts.values())
    rows = ({"requirement": name, "tasks": " ".join(known[name]), "verdict": it} for name, it in verdicts.items())
    return Proof(
        check=REQUIREMENTS,
        verdict=_worst(set(verdicts.values())) if names else "not run",
        asked="each requirement of the project is satisfied by the tasks that stand for it",
        seen=f"{satisfied} of {counted(len(names), 'requirement')} satisfied" if names else "no task names one",
        details=tuple(f"{name}: {_open(known[name])}" for name, it in verdicts.items() if it != "passed"),
        tables={"requirements": tuple(rows)} if names else {},
    )


def _worst(verdicts: set[Verdict]) -> Verdict:
    return "failed" if "failed" in verdicts else "not run" if "not run" in verdicts else "passed"


def _open(tasks: Mapping[str, Verdict]) -> str:
    return ", ".join(f"{task} {verdict}" for task, verdict in tasks.items() if verdict != "passed")
