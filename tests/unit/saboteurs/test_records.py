"""Each saboteur of a Space's settings or of the evidence turns its own task red; the same unbroken turns none."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.saboteurs.records import RECORDS, RecordSaboteur
from tests.specification import OF_CHECK


@pytest.mark.parametrize("saboteur", RECORDS, ids=lambda saboteur: saboteur.name)
def test_what_is_broken_turns_its_task_red_and_no_other(saboteur: RecordSaboteur, tmp_path: Path) -> None:
    failed = [proof for proof in saboteur.judge(tmp_path) if proof.verdict == "failed"]
    assert {OF_CHECK[proof.check].id for proof in failed} == set(saboteur.tasks), [proof.line for proof in failed]


@pytest.mark.parametrize("saboteur", RECORDS, ids=lambda saboteur: saboteur.name)
def test_what_is_not_broken_turns_nothing_red(saboteur: RecordSaboteur, tmp_path: Path) -> None:
    assert {proof.line: proof.verdict for proof in saboteur.honest(tmp_path) if proof.verdict != "passed"} == {}
