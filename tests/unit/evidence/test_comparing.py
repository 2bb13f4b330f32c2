"""Two releases beside each other: what moved is told, what stayed is not."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import pytest

from deploy.evidence.compared import plain_text, summary
from deploy.evidence.comparing import FigureChange, compare
from deploy.evidence.model import Evidence
from deploy.proof import Cell, Proof
from tests.unit.evidence.samples import HOSTILE, evidence, proofs, troubled


def with_figures(**figures: float) -> Evidence:
    built = Proof(check="build", verdict="passed", asked="", seen="", seconds=14.2, figures=figures)
    return evidence(proofs=proofs(build=built))


def with_endpoints(*operations: str) -> Evidence:
    rows: tuple[Mapping[str, Cell], ...] = tuple({"operation": operation, "success": 1} for operation in operations)
    seen = Proof(check="endpoints", verdict="passed", asked="", seen="", seconds=21.4, tables={"endpoints": rows})
    return evidence(proofs=proofs(endpoints=seen))


def test_the_same_twice_has_nothing_to_tell_but_its_time() -> None:
    found = compare(evidence(), evidence())
    assert (found.facts, found.tasks, found.figures, found.measured_once, found.tools) == ({}, (), (), {}, {})
    assert (found.endpoints_added, found.endpoints_gone) == ((), ())
    assert [it.name for it in found.times] == ["the whole"]
    assert "No verdict changed." in plain_text(found)


def test_tasks_that_changed_are_told_with_both_verdicts() -> None:
    found = compare(evidence(), troubled())
    assert [(it.id, it.before, it.after) for it in found.tasks] == [
        ("T016", "passed", "failed"),
        ("T019", "passed", "not run"),
        ("T024", "passed", "not run"),
        ("T025", "passed", "failed"),
    ]
    assert next((it.before, it.after) for it in compare(troubled(), evidence()).tasks) == ("failed", "passed")
    assert "    T016  ✓ passed → ✗ failed: Every endpoint is reachable and works" in plain_text(found).splitlines()


@pytest.mark.parametrize(
    ("before", "after", "is_told"),
    [
        *[(100.0, 110.0, False), (100.0, 110.1, True), (100.0, 90.0, False), (100.0, 89.9, True)],
        *[(0.0, 0.0, False), (0.0, 0.1, True), (-10.0, -8.0, True), (5.0, 5.0, False)],
    ],
)
def test_a_figure_is_told_when_it_moved_by_more_than_a_tenth(before: float, after: float, is_told: bool) -> None:
    assert FigureChange(name="x", before=before, after=after).significant is is_told
    found = compare(with_figures(size_mb=before), with_figures(size_mb=after)).figures
    assert [it.name for it in found] == (["build: size_mb"] if is_told else [])


def test_percentiles_of_each_operation_are_figures_too() -> None:
    load = next(proof for proof in evidence().proofs if proof.check == "load")
    rows = tuple(
        {**row, "p95_ms": 300.0} if row["operation"] == "GET /health" else row for row in load.tables["latency"]
    )
    slower = evidence(proofs=proofs(load=replace(load, tables={"latency": rows})))
    (change,) = compare(evidence(), slower).figures
    assert (change.name, change.before, change.after) == ("load: GET /health p95_ms", 4.1, 300.0)
    assert "4.1 → 300 (+7217%)" in plain_text(compare(evidence(), slower))


def test_figures_of_one_alone_are_counted_by_check() -> None:
    found = compare(with_figures(a=1, b=2, same=3), with_figures(c=1, same=3))
    assert found.figures == ()
    assert found.measured_once == {"build": (2, 1)}
    assert "    build  2 figures only before, 1 figure only after" in plain_text(found)


def test_endpoints_that_came_and_went_are_told() -> None:
    found = compare(with_endpoints("GET /a", "GET /b"), with_endpoints("GET /b", "POST /c"))
    assert (found.endpoints_added, found.endpoints_gone) == (("POST /c",), ("GET /a",))
    assert "    +  POST /c\n    -  GET /a" in plain_text(found)


def test_time_is_told_as_a_whole_and_where_it_moved_by_more_than_noise() -> None:
    slow = Proof(check="build", verdict="passed", asked="", seen="", seconds=28.4)
    noisy = Proof(check="entry", verdict="passed", asked="what entry must hold", seen="it holds", seconds=1.2)
    later = evidence(proofs=proofs(build=slow, entry=noisy), finished=evidence().finished + timedelta(seconds=60))
    found = compare(evidence(), later)
    assert [it.name for it in found.times] == ["the whole", "check build"]
    assert "the whole    3 min 12 s → 4 min 12 s (+31%)" in plain_text(found)


def test_what_was_shipped_and_with_which_tools() -> None:
    other = evidence(revision="f" * 40, image="", tools={"python": "3.13.10", "spacewright": "0.1.0", "locust": "2.50"})
    found = compare(evidence(), other)
    assert set(found.facts) == {"revision", "image"}
    assert found.tools["python"] == ("3.13.9", "3.13.10")
    assert "docker    20.10.24 → none" in plain_text(found)


def test_it_is_one_json_document() -> None:
    document = json.loads(json.dumps(compare(evidence(), troubled()).document()))
    assert document["tasks"][0]["id"] == "T016"


def test_hostile_values_are_harmless_and_within_80_columns() -> None:
    odd = with_figures(**{HOSTILE + "`" * 12 + "\n": 2.0})
    text = plain_text(compare(odd, evidence(space=HOSTILE, revision=HOSTILE * 9, tools={HOSTILE: HOSTILE})))
    assert "\x1b" not in text
    assert max(map(len, text.splitlines())) <= 80
    other = replace(evidence(), tools={"`" * 14: "1"})
    block = summary(compare(evidence(), other))
    assert block.splitlines()[-1] == "`" * 15
    assert block.count("`" * 15) == 2


def test_much_is_cut_and_says_so() -> None:
    before, after = (with_figures(**{f"f{number}": float(number * by) for number in range(1, 90)}) for by in (1, 2))
    assert "… and 49 lines more, with --json" in plain_text(compare(before, after))
