"""Evidence of a project without a list of tasks, which sees checks by their names, and of one with its own list."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from xml.etree.ElementTree import fromstring

import pytest

from deploy.catalogue import COMMANDS, REQUIREMENTS, Task
from deploy.evidence.closing import conclude
from deploy.evidence.compared import plain_text
from deploy.evidence.comparing import compare
from deploy.evidence.document import from_text, to_text
from deploy.evidence.html.page import page
from deploy.evidence.junit import junit
from deploy.evidence.markdown import summary
from deploy.evidence.model import Evidence
from deploy.evidence.phrases import headline
from deploy.evidence.requirements import requirements
from deploy.evidence.store import folder
from deploy.evidence.terminal import shown
from deploy.evidence.ticks import status, ticked
from deploy.secret import Redactor, Secret
from tests.unit.evidence.samples import DEPLOY, evidence, proofs, troubled

OWN = (
    Task(id="API-1", phase="Serve | it", title="It answers | at all", checks=("serving",), requirements=("R2",)),
    Task(id="API-2", phase="Keep", title="It keeps data", checks=("crud", "stable"), requirements=("R1", "R2")),
    Task(id="API-3", phase="Serve | it", title="All of it answers", checks=("endpoints", "serving")),
)


def without(whole: Evidence) -> Evidence:
    return replace(whole, tasks=(), proofs=tuple(proof for proof in whole.proofs if proof.check != REQUIREMENTS))


def own(whole: Evidence) -> Evidence:
    return replace(whole, tasks=OWN)


def reports(whole: Evidence) -> dict[str, str]:
    return {
        "terminal": shown(whole, {}),
        "page": page(whole, Path("/nowhere")),
        "summary": summary(whole),
        "junit": junit(whole),
        "comparison": plain_text(compare(replace(whole, proofs=()), whole)),
    }


# Without a list ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("report", ["page", "summary", "junit", "comparison"])
def test_every_check_is_in_every_report_by_its_name(report: str) -> None:
    text = reports(without(evidence()))[report]
    assert [check for check in COMMANDS if check != REQUIREMENTS and check not in text] == []


@pytest.mark.parametrize("report", ["terminal", "page", "summary", "junit"])
def test_no_report_speaks_of_a_list_that_there_is_not(report: str) -> None:
    text = reports(without(troubled()))[report]
    assert re.findall(r"\bT0\d\d\b|\d tasks|Phase \d|proved|its task", text) == []


def test_checks_are_counted_and_stand_under_their_commands() -> None:
    whole = without(troubled())
    assert headline(whole) == "33 of 37 checks passed, 2 failed, 2 not run"
    text = shown(whole, {})
    assert "  1 check       10 of 10  ✓ ✓ ✓ ✓ ✓ ✓ ✓ ✓ ✓ ✓\n" in text
    assert "  ✗ endpoints\n    asked  each of 10 operations" in text
    assert "  – load  the app did not answer\n" in text
    lines = summary(whole).splitlines()
    assert "| Command | Passed | Checks |" in lines
    assert "| lock.audit | 1 of 1 | ✅ audit |" in lines
    assert "| load | the app did not answer |" in lines
    assert [row for row in lines if row.startswith("| endpoints | each of 10")] != []


def test_suites_are_the_commands() -> None:
    root = fromstring(junit(without(troubled())))
    assert [suite.attrib["name"] for suite in root] == [*dict.fromkeys(COMMANDS.values()), "Other checks"]
    [case] = root.iterfind(".//testcase[@name='ports']")
    assert case.attrib["classname"] == "check/ports"


def test_each_place_of_the_page_is_there_once() -> None:
    text = page(without(troubled()), Path("/nowhere"))
    places = re.findall(r' id="([^"]+)"', text)
    assert sorted(set(places)) == sorted(places)
    assert set(re.findall(r'href="#([^"]+)"', text)) <= set(places)


def test_it_is_read_again_from_its_document() -> None:
    whole = without(troubled())
    assert json.loads(to_text(whole))["tasks"] == []
    assert from_text(to_text(whole)) == whole


def test_an_audit_that_was_not_run_is_told_once() -> None:
    whole = without(evidence())
    whole = replace(whole, proofs=tuple(proof for proof in whole.proofs if proof.check != "audit"))
    assert headline(whole) == "36 of 37 checks passed, 1 not run"
    assert shown(whole, {}).count("– audit") == 1
    assert len(compare(without(evidence()), whole).tasks) == 1


def test_a_run_ends_without_requirements(tmp_path: Path) -> None:
    whole = conclude(tmp_path, without(evidence()), None, Redactor())
    assert [proof.check for proof in whole.proofs if proof.verdict != "passed"] == ["documentation"]
    assert headline(whole) == "36 of 37 checks passed, 1 not run"


# With a list of its own ----------------------------------------------------------------------------------


def test_its_tasks_are_counted_by_its_phases_and_other_checks_are_told() -> None:
    whole = own(troubled())
    assert headline(whole) == "2 of 3 tasks proved, 1 failed"
    assert list(whole.phases) == ["Serve | it", "Keep"]
    text = shown(whole, {})
    assert "  1 Serve | it  1 of 2  ✓ ✗\n  2 Keep        1 of 1  ✓\n" in text
    assert "  ✗ API-3 endpoints\n" in text
    assert "  ✗ security\n" in text
    suites = [suite.attrib["name"] for suite in fromstring(junit(whole))]
    assert suites == ["Phase 1: Serve | it", "Phase 2: Keep", "Other checks"]
    assert len(re.findall(r"^\| Serve &#124; it \| 1 of 2 \|", summary(whole), re.MULTILINE)) == 1


def test_a_check_of_two_tasks_counts_for_both_and_is_told_with_both() -> None:
    bad = tuple(replace(it, verdict="failed") if it.check == "serving" else it for it in proofs())
    whole = own(evidence(proofs=bad))
    assert whole.tally() == {"passed": 1, "failed": 2, "not run": 0}
    assert "  ✗ API-1 API-3 serving\n" in shown(whole, {})
    assert [proof.check for proof in whole.failed] == ["serving"]


def test_requirements_are_those_that_its_tasks_name() -> None:
    proof = requirements(own(evidence()))
    assert proof.tables["requirements"] == (
        {"requirement": "R1", "tasks": "API-2", "verdict": "passed"},
        {"requirement": "R2", "tasks": "API-1 API-2", "verdict": "passed"},
    )
    bad = tuple(replace(it, verdict="failed") if it.check == "serving" else it for it in proofs())
    proof = requirements(own(evidence(proofs=bad)))
    assert (proof.verdict, proof.details) == ("failed", ("R2: API-1 failed",))


def test_tasks_that_name_no_requirement_have_none_to_be_summed_up() -> None:
    plain = tuple(replace(task, requirements=()) for task in OWN)
    proof = requirements(replace(evidence(), tasks=plain))
    assert (proof.verdict, proof.seen) == ("not run", "no task names one")


def test_its_boxes_and_its_status_page_are_of_its_tasks() -> None:
    text = ticked("# Ours\n\n- [x] API-1 a\n- [ ] API-2 b\n- [ ] API-3 c\n", own(troubled()))
    assert text.startswith(f"# Ours\n\nEvidence: deploy `{DEPLOY}` to ")
    assert ticked(text, own(troubled())) == text
    assert re.findall(r"^- \[(.)] (\S+)", text, re.MULTILINE) == [("x", "API-1"), ("x", "API-2"), (" ", "API-3")]
    rows = re.findall(r"^\| (API-\d) \| (.+?) \| (. \w+)", status(own(troubled())), re.MULTILINE)
    assert rows[0] == ("API-1", "It answers \\| at all", "✓ proved")


def test_what_its_list_says_is_kept_and_no_secret_with_it(tmp_path: Path) -> None:
    conclude(tmp_path, own(evidence()), None, Redactor([Secret("at all"), Secret("Keep")]))
    texts = [path.read_text(encoding="utf-8") for path in folder(tmp_path, "local", DEPLOY).iterdir()]
    assert len(texts) == 4
    assert not any("at all" in text or "Keep" in text for text in texts)
    document = json.loads(next(text for text in texts if text.startswith("{")))
    assert document["tasks"][2] == {
        "id": "API-3",
        "phase": "Serve | it",
        "title": "All of it answers",
        "checks": ["endpoints", "serving"],
        "requirements": [],
        "verdict": "passed",
    }


def test_it_is_compared_by_the_tasks_of_the_later_one() -> None:
    changed = compare(evidence(), own(troubled()))
    assert [(task.id, task.before, task.after) for task in changed.tasks] == [("API-3", "passed", "failed")]
