"""Evidence: all that was seen of one deploy, and what that proves of the project's tasks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Any

from deploy.catalogue import COMMANDS, OPTIONAL, REQUIREMENTS, Task
from deploy.console import StepRecord
from deploy.proof import Cell, Proof, Verdict
from deploy.secret import Redactor

SCHEMA = "spacewright/evidence/2"


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """One run against one target. Times are aware datetimes; a text that is not known is "".

    `verdict` is how the run ended (`deployed`, `rolled_back`, `verified`, ...), `who` its holder, `tools` versions by
    name, `tasks` the project's own list, empty without one. Raises ValueError when two proofs are of one check.
    """

    deploy: str
    target: str
    space: str
    hub: str
    url: str
    who: str
    started: datetime
    finished: datetime
    verdict: str
    rolled_back: bool
    source_sha: str
    revision: str
    image: str
    commit: str
    tools: Mapping[str, str]
    steps: tuple[StepRecord, ...]
    proofs: tuple[Proof, ...]
    tasks: tuple[Task, ...]

    def __post_init__(self) -> None:
        twice = [check for check, count in Counter(proof.check for proof in self.proofs).items() if count > 1]
        if twice:
            raise ValueError(f"two proofs are of the check {twice[0]!r}")

    @property
    def seconds(self) -> float:
        return (self.finished - self.started).total_seconds()

    @property
    def failed(self) -> tuple[Proof, ...]:
        """In the order of the tasks; checks of no task come last."""
        order = [check for task in self.rows for check in task.checks]
        found = (proof for proof in self.proofs if proof.verdict == "failed")
        return tuple(sorted(found, key=lambda proof: order.index(proof.check) if proof.check in order else len(order)))

    @property
    def others(self) -> tuple[Proof, ...]:
        """Proofs of checks that belong to no task, such as the `[[checks]]` of deploy.toml."""
        told = {check for task in self.rows for check in task.checks}
        return tuple(proof for proof in self.proofs if proof.check not in told)

    @cached_property
    def rows(self) -> tuple[Task, ...]:
        """What is counted and shown: the project's tasks; without a list each check, called by its name."""
        asked = {proof.check: proof.asked for proof in self.proofs}
        return self.tasks or tuple(
            Task(id=check, phase=command, title=asked.get(check, ""), checks=(check,))
            for check, command in COMMANDS.items()
            if check != REQUIREMENTS
        )

    @cached_property
    def phases(self) -> Mapping[str, tuple[Task, ...]]:
        """The rows by their phases; without a list by the commands that run the checks."""
        names = dict.fromkeys(task.phase for task in self.rows)
        return {name: tuple(task for task in self.rows if task.phase == name) for name in names}

    @property
    def standing(self) -> Verdict:
        """Of the whole: failed when any check failed, also one that belongs to no task, or the run went back."""
        if self.failed or self.rolled_back:
            return "failed"
        return "passed" if self.tally()["passed"] else "not run"

    def proofs_of(self, task: Task) -> tuple[Proof, ...]:
        """One for each check of the task; a check without a proof was not run."""
        found = {proof.check: proof for proof in self.proofs}
        return tuple(found.get(check) or _absent(check) for check in task.checks)

    def verdict_of(self, task: Task) -> Verdict:
        return task.verdict({proof.check: proof.verdict for proof in self.proofs_of(task)})

    @property
    def left_out(self) -> tuple[tuple[Task, Proof], ...]:
        """Optional checks that were not run, with their tasks where these are not open anyway."""
        decided = (task for task in self.tasks if self.verdict_of(task) != "not run")
        pairs = ((task, proof) for task in decided for proof in self.proofs_of(task) if proof.check in OPTIONAL)
        return tuple((task, proof) for task, proof in pairs if proof.verdict == "not run")

    def tally(self) -> Mapping[Verdict, int]:
        """How many of the rows have which verdict."""
        counts = Counter(self.verdict_of(task) for task in self.rows)
        return {verdict: counts[verdict] for verdict in ("passed", "failed", "not run")}

    def redacted(self, redact: Redactor) -> Evidence:
        """The same without the values of secrets; words of our own vocabulary stay, even where a secret reads so."""
        texts: dict[str, Any] = {name: redact(getattr(self, name)) for name in _TEXTS}
        return replace(
            self,
            **texts,
            tools={redact(name): redact(version) for name, version in self.tools.items()},
            steps=tuple(replace(step, name=redact(step.name), note=redact(step.note)) for step in self.steps),
            proofs=tuple(_redacted(proof, redact) for proof in self.proofs),
            tasks=tuple(replace(task, phase=redact(task.phase), title=redact(task.title)) for task in self.tasks),
        )


_TEXTS = ("space", "hub", "url", "who", "source_sha", "revision", "image", "commit")


def _absent(check: str) -> Proof:
    return Proof(check=check, verdict="not run", asked="", seen="it was not part of this run")


def _redacted(proof: Proof, redact: Redactor) -> Proof:
    return replace(
        proof,
        check=proof.check if proof.check in COMMANDS else redact(proof.check),
        asked=redact(proof.asked),
        seen=redact(proof.seen),
        details=tuple(redact(line) for line in proof.details),
        figures={redact(name): value for name, value in proof.figures.items()},
        tables={redact(name): tuple(_redacted_row(row, redact) for row in rows) for name, rows in proof.tables.items()},
        files=tuple(redact(file) for file in proof.files),
    )


def _redacted_row(row: Mapping[str, Cell], redact: Redactor) -> Mapping[str, Cell]:
    return {redact(name): redact(cell) if isinstance(cell, str) else cell for name, cell in row.items()}
