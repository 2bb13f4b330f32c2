"""Evidence as the JSON document of `evidence.schema.json`, and back."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from deploy.evidence.catalogue import TASKS
from deploy.evidence.decoding import Misfit, decoded
from deploy.evidence.model import SCHEMA, Evidence


class UnknownSchema(Misfit):
    """The document is of another version, or no evidence at all."""


def to_document(evidence: Evidence) -> dict[str, Any]:
    """Plain JSON values; a number that is not finite becomes its name as text, or is left out of the figures."""
    document = asdict(evidence)
    document |= {name: _moment(document[name]) for name in ("started", "finished")}
    document["proofs"] = [_proof(proof) for proof in document["proofs"]]
    tasks = [{"id": task.id, "verdict": evidence.verdict_of(task)} for task in TASKS]
    return {"schema": SCHEMA, **document, "steps": list(document["steps"]), "tasks": tasks}


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
    said = document.pop("tasks", None)
    del document["schema"]
    evidence: Evidence = decoded(Evidence, document, "")
    _hold_to_the_proofs(said, evidence)
    return evidence


def _hold_to_the_proofs(said: object, evidence: Evidence) -> None:
    proved = [{"id": task.id, "verdict": evidence.verdict_of(task)} for task in TASKS]
    if said == proved:
        return
    rows = said if isinstance(said, list) else []
    wrong = next(
        (row["id"] for row, claim in zip(proved, [*rows, *[None] * len(proved)], strict=False) if row != claim)
    )
    raise Misfit(f"tasks does not say of {wrong} what the proofs say")


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
