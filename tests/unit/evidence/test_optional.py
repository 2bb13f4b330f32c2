"""A check that its task can do without has a line of its own in every report, and its reason where it was not run."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from deploy.evidence.compared import plain_text
from deploy.evidence.comparing import compare
from deploy.evidence.document import from_text, to_text
from deploy.evidence.documentation import documentation
from deploy.evidence.html.page import page
from deploy.evidence.junit import junit
from deploy.evidence.markdown import summary
from deploy.evidence.model import Evidence
from deploy.evidence.phrases import headline, next_command
from deploy.evidence.terminal import shown
from deploy.evidence.ticks import status, tick, ticked
from deploy.proof import Proof, Verdict
from tests.specification import OF_CHECK, TASKS
from tests.unit.evidence.samples import evidence, proofs

LIST = (Path(__file__).parents[3] / "specs/009-hf-backend-build/tasks.md").read_text(encoding="utf-8")
WHY = "the advisory source https://api.osv.dev/v1/query cannot be reached"
T025 = OF_CHECK["audit"]


def audited(verdict: Verdict, seen: str = WHY) -> Evidence:
    return evidence(proofs=proofs(audit=Proof(check="audit", verdict=verdict, asked="no known hole", seen=seen)))


@pytest.mark.parametrize(("verdict", "of_the_task", "proved"),
                         [("passed", "passed", 35), ("not run", "passed", 35), ("failed", "failed", 34)])  # fmt: skip
def test_its_task_fails_with_it_and_is_proved_without_it(verdict: Verdict, of_the_task: Verdict, proved: int) -> None:
    whole = audited(verdict)
    assert (whole.verdict_of(T025), whole.tally()["passed"]) == (of_the_task, proved)
    assert [(task.id, proof.check) for task, proof in whole.left_out] == [("T025", "audit")] * (verdict == "not run")


def test_of_a_run_that_never_came_to_it_that_is_said() -> None:
    whole = evidence(proofs=tuple(proof for proof in proofs() if proof.check != "audit"))
    assert whole.verdict_of(T025) == "passed"
    assert whole.left_out[0][1].seen == "it was not part of this run"


def test_every_report_tells_it_with_the_reason(tmp_path: Path) -> None:
    whole = audited("not run")
    assert headline(whole) == "35 of 35 tasks proved"
    assert f"| T025 audit, optional | {_escaped(WHY)} |" in summary(whole)
    text = " ".join(shown(whole, {}).split())
    assert f"T025 audit, optional: {WHY}" in text
    document = page(whole, tmp_path)
    assert f"audit, optional: {WHY}" in document
    assert document.count(WHY) == 2  # of what was not run, and below its task
    [case] = ET.fromstring(junit(whole)).findall(".//testcase[@name='audit']")
    skipped = case.find("skipped")
    assert skipped is not None
    assert skipped.get("message") == WHY
    assert f"| | its check audit, optional: `{WHY}` | – not run |" in status(whole)


def test_when_it_was_run_nothing_is_left_out(tmp_path: Path) -> None:
    whole = audited("passed", "none of 36 packages has a known hole")
    for text in (summary(whole), shown(whole, {}), status(whole), ticked(LIST, whole)):
        assert "optional" not in text
    assert ", optional: " not in page(whole, tmp_path)


def test_a_task_that_is_open_anyway_is_told_once() -> None:
    open_ = audited("not run")
    whole = replace(
        open_,
        proofs=tuple(replace(proof, verdict="not run") if proof.check == "layers" else proof for proof in open_.proofs),
    )
    assert whole.verdict_of(T025) == "not run"
    assert len(re.findall(r"^\| T025", summary(whole), re.MULTILINE)) == 1
    assert len(re.findall("– T025", shown(whole, {}))) == 1


def test_boxes_and_status_say_what_they_stand_on(tmp_path: Path) -> None:
    whole = audited("not run")
    text = ticked(LIST, whole)
    assert "- [x] T025" in text
    assert "Not run, and optional: T025 audit.\n" in text
    assert ticked(text, whole) == text
    (tmp_path / "README.md").write_text("[status](docs/status.md)\n", encoding="utf-8")
    (tmp_path / "tasks.md").write_text(LIST, encoding="utf-8")
    tick(tmp_path, tmp_path / "tasks.md", whole)
    assert documentation(tmp_path, tmp_path / "tasks.md", TASKS).details == ()


def test_a_comparison_tells_of_it_where_its_task_stays_as_it_was() -> None:
    changed = compare(audited("passed"), audited("not run"))
    assert [(change.id, change.title, change.before, change.after) for change in changed.tasks] == [
        ("T025", "its check audit, optional", "passed", "not run")
    ]
    assert "T025  ✓ passed → – not run: its check audit, optional" in plain_text(changed)
    assert compare(audited("passed"), audited("passed")).tasks == ()
    assert len(compare(audited("passed"), audited("failed")).tasks) == 2


def test_the_document_holds_the_proof_and_is_read_back() -> None:
    whole = audited("not run")
    text = to_text(whole)
    assert from_text(text) == whole
    assert [task["verdict"] for task in json.loads(text)["tasks"] if task["id"] == "T025"] == ["passed"]


def test_what_to_run_next_names_no_target() -> None:
    assert next_command("audit", "production") == "invoke lock.audit"
    assert next_command("layers", "production") == "invoke smoke"


def _escaped(text: str) -> str:
    return re.sub(r"[_:]", lambda found: f"&#{ord(found[0])};", text)
