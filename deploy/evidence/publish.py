"""The reports of one deploy as files: a page, a summary, and what test tools read."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from deploy.atomic import write_whole
from deploy.errors import EvidenceError
from deploy.evidence.document import to_text
from deploy.evidence.html.page import page
from deploy.evidence.junit import junit
from deploy.evidence.markdown import summary
from deploy.evidence.model import Evidence
from deploy.evidence.store import FILE


def publish(evidence: Evidence, folder: Path, out: Path) -> Mapping[str, Path]:
    """Write report.html, summary.md and junit.xml to `out`, with evidence.json when that is another folder.

    `folder` is where the files that proofs name are. Gives the paths by what they are. Raises EvidenceError.
    """
    texts = {"report": page(evidence, folder), "summary": summary(evidence), "junit": junit(evidence)}
    names = {"report": "report.html", "summary": "summary.md", "junit": "junit.xml"}
    if out.resolve() != folder.resolve():
        texts["evidence"], names["evidence"] = to_text(evidence), FILE
    try:
        return {what: write_whole(out / names[what], text) for what, text in texts.items()}
    except OSError as error:
        raise EvidenceError(
            f"The report cannot be written to {out}.",
            cause=error.strerror or str(error),
            next_step="name a folder that can be written: invoke report --out <folder>",
        ) from error
