"""JUnit XML: well formed, counted right, and of the shape that Jenkins' schema asks."""

from __future__ import annotations

from xml.etree.ElementTree import Element, fromstring

import pytest

from deploy.evidence.junit import junit
from deploy.evidence.model import Evidence
from deploy.proof import Proof
from tests.specification import TASKS
from tests.unit.evidence.samples import HOSTILE, evidence, proofs, troubled

SHAPE: dict[str, tuple[set[str], set[str], list[str]]] = {
    "testsuites": ({"name", "tests", "failures", "skipped", "time"}, {"errors", "disabled"}, ["testsuite"]),
    "testsuite": ({"name", "tests", "failures", "errors", "skipped", "time", "timestamp"}, {"hostname"}, ["testcase"]),
    "testcase": ({"name", "classname", "time"}, {"status"}, ["failure", "skipped"]),
    "failure": ({"message", "type"}, set(), []),
    "skipped": ({"message"}, set(), []),
}
"""Of each element: attributes it has, attributes it may have, and elements in it (jenkins-junit.xsd)."""


def assert_shape(element: Element) -> None:
    required, optional, children = SHAPE[element.tag]
    assert required <= set(element.attrib) <= required | optional
    for child in element:
        assert child.tag in children
        assert_shape(child)


@pytest.mark.parametrize("whole", [evidence(), troubled(), evidence(proofs=())], ids=["good", "troubled", "empty"])
def test_it_has_the_shape_and_its_sums_are_right(whole: Evidence) -> None:
    root = fromstring(junit(whole))
    assert_shape(root)
    for group in (root, *root):
        cases = list(group.iter("testcase"))
        assert int(group.attrib["tests"]) == len(cases)
        assert int(group.attrib["failures"]) == sum(case.find("failure") is not None for case in cases)
        assert int(group.attrib["skipped"]) == sum(case.find("skipped") is not None for case in cases)
        assert float(group.attrib["time"]) == pytest.approx(sum(float(case.attrib["time"]) for case in cases))


def test_a_case_a_check_by_phase_and_task() -> None:
    cases = {(case.attrib["classname"], case.attrib["name"]) for case in fromstring(junit(evidence())).iter("testcase")}
    assert len(cases) == sum(len(task.checks) for task in TASKS)
    assert {("US2, the deployment/T016", "endpoints"), ("US1, the runtime/T013", "assigned port")} <= cases


def test_a_failure_holds_asked_seen_and_every_line_and_an_omission_its_reason() -> None:
    root = fromstring(junit(troubled()))
    failure = root.find(".//testcase[@name='endpoints']/failure")
    assert failure is not None
    assert failure.attrib["message"] == "9 of 10; DELETE /api/v1/tasks/{task_id} answered 500"
    assert failure.text is not None
    assert failure.text.splitlines()[0] == "asked: each of 10 operations is reached with success"
    assert len(failure.text.splitlines()) == 64
    skipped = root.find(".//testcase[@name='browser']/skipped")
    assert skipped is not None
    assert skipped.attrib["message"] == "needs a browser: no chromium"
    assert root.find(".//testsuite[@name='Other checks']/testcase[@name='GET /']") is not None


def test_what_no_xml_holds_is_shown_by_its_number() -> None:
    worst = f"{HOSTILE}\0\ud800\ufffe\x0b]]>"
    told = Proof(check="logs", verdict="failed", asked=worst, seen=worst, details=(worst,))
    absent = Proof(check="load", verdict="not run", asked="", seen=worst)
    other = Proof(check=worst, verdict="failed", asked="", seen="")
    root = fromstring(junit(evidence(proofs=(*proofs(logs=told, load=absent), other), space=worst)).encode())
    failure = root.find(".//testcase[@name='logs']/failure")
    assert failure is not None
    assert "\\x00\\ud800\\ufffe\\x0b]]>" in failure.attrib["message"]
