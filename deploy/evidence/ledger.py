"""One JSON file for each deploy, readable by its owner only."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

from deploy.workspace import workspace


def record(root: Path, target: str, deploy: str, document: Mapping[str, object]) -> Path:
    """Write `<root>/.spacewright/deploys/<target>/<deploy>.json`, whole or not at all; gives its path."""
    folder = workspace(root) / "deploys" / target
    folder.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=folder, suffix=".part")
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(document, file, indent=2, default=str, ensure_ascii=False)
    path = folder / f"{deploy}.json"
    Path(name).replace(path)
    return path
