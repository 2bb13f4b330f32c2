"""Which requests a fault meets, and how long."""

from __future__ import annotations

import pytest

from deploy.localhub.answers import Refusal
from deploy.localhub.misbehaviour.faults import Fault, Faults, parse

INFO, RUNTIME = "/api/spaces/{id}", "/api/spaces/{id}/runtime"


@pytest.fixture
def faults() -> Faults:
    faults = Faults()
    faults.templates = frozenset({INFO, RUNTIME})
    return faults


def met(faults: Faults, method: str, template: str, path: str = "/api/spaces/a/b") -> bool:
    return faults.take(method, template, path) is not None


def test_a_template_is_one_route(faults: Faults) -> None:
    faults.add(Fault(route=INFO, count=None))
    assert (met(faults, "GET", INFO), met(faults, "GET", RUNTIME)) == (True, False)


def test_anything_else_is_a_beginning_of_template_or_path(faults: Faults) -> None:
    faults.add(Fault(route="/api/spaces/a/", count=None))
    assert met(faults, "GET", RUNTIME, "/api/spaces/a/b/runtime")
    assert not met(faults, "GET", RUNTIME, "/api/spaces/c/d/runtime")
    faults.add(Fault(route="/api/", count=None))
    assert met(faults, "GET", RUNTIME, "/api/spaces/c/d/runtime")


def test_the_method_counts_when_it_is_said(faults: Faults) -> None:
    faults.add(Fault(route=INFO, method="POST"))
    assert (met(faults, "GET", INFO), met(faults, "POST", INFO)) == (False, True)


@pytest.mark.parametrize(
    ("skip", "count", "expected"), [(0, 1, [1, 0, 0, 0]), (1, 2, [0, 1, 1, 0]), (2, None, [0, 0, 1, 1])]
)
def test_a_fault_begins_and_ends(faults: Faults, skip: int, count: int | None, expected: list[int]) -> None:
    faults.add(Fault(route=INFO, skip=skip, count=count))
    assert [int(met(faults, "GET", INFO)) for _ in expected] == expected


def test_two_faults_of_one_route_follow_each_other(faults: Faults) -> None:
    faults.add(Fault(route=INFO, status=500))
    faults.add(Fault(route=INFO, status=503))
    taken = [faults.take("GET", INFO, "") for _ in range(3)]
    assert [fault and fault.status for fault in taken] == [500, 503, None]


def test_a_slip_of_the_pen_is_named() -> None:
    with pytest.raises(Refusal, match="statsu"):
        parse({"route": INFO, "statsu": 500})
    with pytest.raises(Refusal, match="needs a route"):
        parse({"status": 500})
