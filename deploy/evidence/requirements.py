"""Which tasks satisfy which requirement of the specification: what T029 asks."""

from __future__ import annotations

from collections.abc import Mapping

from deploy.evidence.catalogue import TASKS
from deploy.evidence.model import Evidence
from deploy.proof import Proof, Verdict
from deploy.wording import counted

REQUIREMENTS: Mapping[str, tuple[str, ...]] = {
    "FR-001": ("T001",),
    "FR-002": ("T002",),
    "FR-003": ("T003",),
    "FR-004": ("T004",),
    "FR-005": ("T005",),
    "FR-006": ("T006",),
    "FR-007": ("T007",),
    "FR-008": ("T008",),
    "FR-009": ("T011",),
    "FR-010": ("T013",),
    "FR-011": ("T010", "T031"),
    "FR-012": ("T009", "T012", "T014", "T032"),
    "FR-013": ("T015", "T016", "T021", "T027", "T033"),
    "FR-014": ("T017", "T020"),
    "FR-015": ("T018", "T022"),
    "FR-016": ("T019", "T023"),
    "FR-017": ("T024", "T025", "T026", "T028", "T030"),
    "FR-018": ("T034", "T035"),
}
_TASK = {task.id: task for task in TASKS}


def requirements(evidence: Evidence) -> Proof:
    """T029 from what is known of all other tasks: failed when one of them failed, passed when all are proved."""
    verdicts = {name: _verdict(evidence, tasks) for name, tasks in REQUIREMENTS.items()}
    satisfied = sum(verdict == "passed" for verdict in verdicts.values())
    rows = (
        {"requirement": name, "tasks": " ".join(REQUIREMENTS[name]), "verdict": it} for name, it in verdicts.items()
    )
    return Proof(
        check="requirements",
        verdict=_worst(set(verdicts.values())),
        asked="each requirement of the specification is satisfied by the tasks that stand for it",
        seen=f"{satisfied} of {counted(len(verdicts), 'requirement')} satisfied",
        details=tuple(f"{name}: {_why(evidence, name)}" for name, it in verdicts.items() if it != "passed"),
        tables={"requirements": tuple(rows)},
    )


def _verdict(evidence: Evidence, tasks: tuple[str, ...]) -> Verdict:
    return _worst({evidence.verdict_of(_TASK[task]) for task in tasks})


def _worst(verdicts: set[Verdict]) -> Verdict:
    return "failed" if "failed" in verdicts else "not run" if "not run" in verdicts else "passed"


def _why(evidence: Evidence, name: str) -> str:
    verdicts = {task: evidence.verdict_of(_TASK[task]) for task in REQUIREMENTS[name]}
    return ", ".join(f"{task} {verdict}" for task, verdict in verdicts.items() if verdict != "passed")
