"""Every operation that is described handles its errors."""

from __future__ import annotations

from dataclasses import replace

from deploy.proof import Cell
from deploy.verify.check import Assertions, Check, Seen
from deploy.verify.errors import well_told
from deploy.verify.openapi import Operation, read_operations
from deploy.verify.subject import Subject
from deploy.verify.visitor import Guest, anyone


def _run(subject: Subject) -> Seen:
    operations = read_operations(subject.site)
    assertions = Assertions()
    visitor = anyone(subject)
    rows = tuple(_row(subject, visitor, operation, assertions) for operation in operations)
    return replace(
        assertions.seen(f"expectations of {len(operations)} operations held"), tables={"operation errors": rows}
    )


def _row(subject: Subject, visitor: Guest, operation: Operation, assertions: Assertions) -> dict[str, Cell]:
    """What one operation answers without a token, to a body that is none, and for a thing that is not there."""
    row: dict[str, Cell] = {"operation": operation.name}
    path, method = operation.missing_path, operation.method
    if operation.secured:
        for column, headers in (("no token", {}), ("bad token", {"Authorization": "Bearer x.y.z"})):
            answer = subject.site.ask(path, method, headers=headers)
            row[column] = answer.status
            if assertions.status(f"{operation.name} with {column}", answer, (401,)):
                well_told(f"{operation.name} with {column}", answer, assertions)
    if operation.takes_json:
        answer = visitor.ask(path, method, json=["not", "an", "object"])
        row["bad body"] = answer.status
        if assertions.status(f"{operation.name} with a body that is not valid", answer, (400, 404, 422)):
            well_told(f"{operation.name} with a body that is not valid", answer, assertions)
    if operation.secured and operation.parameters and not operation.takes_json:
        answer = visitor.ask(path, method)
        row["nobody's id"] = answer.status
        assertions.status(f"{operation.name} of a thing that is not there", answer, (404,))
    return row


OPERATIONS = Check(
    name="operation errors", asked="every operation refuses strangers, bad bodies and what is not there", run=_run
)
