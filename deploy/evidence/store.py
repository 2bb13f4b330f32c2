"""Where evidence is kept: `.spacewright/evidence/<target>/<deploy>/evidence.json`, other files beside it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from deploy.atomic import write_whole
from deploy.errors import EvidenceError
from deploy.evidence.decoding import Misfit
from deploy.evidence.document import UnknownSchema, from_text, to_text
from deploy.evidence.model import Evidence
from deploy.secret import Redactor
from deploy.workspace import NAME, workspace

FILE = "evidence.json"


def folder(root: Path, target: str, deploy: str) -> Path:
    """Where all that belongs to one deploy is; made by whoever writes there."""
    return root / NAME / "evidence" / target / deploy


def keep(root: Path, evidence: Evidence, redact: Redactor) -> Path:
    """Write the evidence, redacted, whole and for its owner's eyes; gives its path. Raises OSError."""
    workspace(root)
    path = folder(root, evidence.target, evidence.deploy) / FILE
    return write_whole(path, to_text(evidence.redacted(redact)), fsync=True)


def record(root: Path, target: str, deploy: str, document: Mapping[str, object], redact: Redactor) -> Path:
    """The same for what the command told with `--json`: `deploy.json`."""
    workspace(root)
    text = json.dumps(redact.cleaned(document), indent=2, ensure_ascii=False)
    return write_whole(folder(root, target, deploy) / "deploy.json", text + "\n", fsync=True)


def read(path: Path) -> Evidence:
    """Raises EvidenceError for a file that cannot be read, is damaged, or is of another version."""
    try:
        return from_text(path.read_text(encoding="utf-8"))
    except UnknownSchema as error:
        raise EvidenceError(
            f"{path} is not evidence that this version of Spacewright reads.",
            cause=str(error),
            next_step="read it with the version that wrote it, or make new evidence: invoke verify",
        ) from error
    except (Misfit, UnicodeDecodeError) as error:
        raise EvidenceError(
            f"{path} is damaged.",
            cause=str(error),
            next_step="make new evidence: invoke verify; or choose another deploy: invoke report --deploy <id>",
        ) from error
    except OSError as error:
        raise EvidenceError(
            f"{path} cannot be read.", cause=error.strerror, next_step="see who owns it, and run the command again"
        ) from error


def kept(root: Path, target: str) -> tuple[str, ...]:
    """The ids of deploys with evidence, oldest first: an id begins with its time."""
    return tuple(sorted(path.parent.name for path in folder(root, target, "").glob(f"*/{FILE}")))


def find(root: Path, target: str, wanted: str = "") -> Path:
    """The evidence of the deploy whose id is, or alone begins with, `wanted`; the newest for "".

    Raises EvidenceError when there is none, or more than one.
    """
    ids = kept(root, target)
    if not ids:
        raise EvidenceError(
            f"There is no evidence of target {target!r} yet.",
            cause="nothing was deployed or verified from this folder",
            next_step=f"invoke verify --to {target}",
        )
    if wanted in ids:
        return folder(root, target, wanted) / FILE
    found = [deploy for deploy in ids if deploy.startswith(wanted)]
    if wanted and len(found) != 1:
        raise EvidenceError(
            f"{'More than one' if found else 'No'} deploy to {target!r} with evidence is named like {wanted!r}.",
            cause=f"{len(ids)} are kept",
            next_step=f"invoke report --to {target} --deploy <id>; the newest are:",
            details=tuple(reversed(ids[-5:])),
        )
    return folder(root, target, found[-1]) / FILE
