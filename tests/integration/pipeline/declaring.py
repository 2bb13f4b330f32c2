"""deploy.toml as text: enough of TOML for it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any


def toml(document: Mapping[str, Any]) -> str:
    """Values, then tables and arrays of tables."""
    lines = [f"{key} = {_value(value)}" for key, value in document.items() if not _is_table(value)]
    for name, table in document.items():
        if name == "targets":
            lines += [line for target, rows in table.items() for line in ("", f"[targets.{target}]", *_rows(rows))]
        elif isinstance(table, Mapping):
            lines += ["", f"[{name}]", *_rows(table)]
        elif _is_table(table):
            lines += [line for row in table for line in ("", f"[[{name}]]", *_rows(row))]
    return "\n".join(lines) + "\n"


def _is_table(value: object) -> bool:
    return isinstance(value, Mapping | list)


def _rows(table: Mapping[str, Any]) -> list[str]:
    return [f"{key} = {_value(value)}" for key, value in table.items()]


def _value(value: object) -> str:
    if isinstance(value, Mapping):
        return "{ " + ", ".join(_rows(value)) + " }"
    return json.dumps(value)
