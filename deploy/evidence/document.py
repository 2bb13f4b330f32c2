"""Evidence as the JSON document of `evidence.schema.json`, and back."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from deploy.catalogue import Task
from deploy.evidence.decoding import Misfit, decoded
from deploy.evidence.model import SCHEMA, Evidence
from deploy.proof import Verdict


class UnknownSchema(Misfit):
    """The document is of another version, or no evidence at all."""


def to_document(evidence: Evidence) -> dict[str, Any]:
    """Plain JSON values; a number that is not finite becomes its name as text, or is left out of the figures."""
    document = asdict(evidence)
    document |= {name: _moment(document[name]) for name in ("started", "finished")}
    document["proofs"] = [_proof(proof) for proof in document["proofs"]]
    document["tasks"] = [_task(task, evidence.verdict_of(task)) for task in evidence.tasks]
    return {"schema": SCHEMA, **document, "steps": list(document["steps"])}


def to_text(evidence: Evidence) -> str:
    return json.dumps(to_document(evidence), indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def from_text(text: str) -> Evidence:
    """Raises Misfit, with the place, for what is not evidence; and when its tasks say more than its proofs."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Misfit(f"it is not JSON: {error}") from error
    if not isinstance(document, dict) or document.get("schema") != SCHEMA:
        named = document.get("schema") if isinstance(document, dict) else None
        raise UnknownSchema(f"it is of schema {named!r}, and this version reads {SCHEMA!r}")
    del document["schema"]
    rows = document.get("tasks")
    said = [row.pop("verdict", None) for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
    evidence: Evidence = decoded(Evidence, document, "")
    for task, verdict in zip(evidence.tasks, said, strict=True):
        if verdict != evidence.verdict_of(task):
            raise Misfit(f"tasks does not say of {task.id} what the proofs say")
    return evidence


def _task(task: Task, verdict: Verdict) -> dict[str, Any]:
    return {**asdict(task), "checks": list(task.checks), "requirements": list(task.requirements), "verdict": verdict}


def _proof(proof: dict[str, Any]) -> dict[str, Any]:
    tables = {name: [_row(row) for row in rows] for name, rows in proof["tables"].items()}
    figures = {name: value for name, value in proof["figures"].items() if math.isfinite(value)}
    return {
        **proof,
        "details": list(proof["details"]),
        "files": list(proof["files"]),
        "figures": figures,
        "tables": tables,
    }


def _row(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _cell(cell) for name, cell in row.items()}


def _cell(cell: Any) -> Any:
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    return str(cell) if isinstance(cell, float) and not math.isfinite(cell) else cell


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds")
