"""A JSON document on disk: replaced whole, readable by its owner alone, so that state survives a restart."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from deploy.atomic import write_whole


def read(path: Path) -> dict[str, Any]:
    """The document, or an empty one where there is none yet."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return {}
    document: dict[str, Any] = json.loads(text)
    return document


def write(path: Path, document: Mapping[str, Any]) -> None:
    """Replace the document: a reader sees the old one or the new one, never a part. Mode 0600."""
    write_whole(path, json.dumps(document, indent=1, sort_keys=True) + "\n")
