"""What the command itself told of a deploy: `deploy.json`, beside the evidence."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from deploy.atomic import write_whole
from deploy.evidence.store import folder
from deploy.secret import Redactor
from deploy.workspace import workspace


def record(root: Path, target: str, deploy: str, document: Mapping[str, object], redact: Redactor) -> Path:
    """Write the document of `--json`, redacted, whole and for its owner's eyes; gives its path. Raises OSError."""
    workspace(root)
    text = json.dumps(redact.cleaned(document), indent=2, ensure_ascii=False)
    return write_whole(folder(root, target, deploy) / "deploy.json", text + "\n", fsync=True)
