"""Each saboteur of the source turns its own task red and no other; the source as it is turns none."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.saboteurs.sources import SOURCES, SourceSaboteur, copied, judged
from tests.specification import OF_CHECK


@pytest.mark.parametrize("saboteur", SOURCES, ids=lambda saboteur: saboteur.name)
def test_a_broken_source_turns_its_task_red_and_no_other(saboteur: SourceSaboteur, tmp_path: Path) -> None:
    root = copied(tmp_path)
    saboteur.edit(root)
    failed = [proof for proof in judged(root) if proof.verdict == "failed"]
    assert {OF_CHECK[proof.check].id for proof in failed} == set(saboteur.tasks), [proof.details for proof in failed]
    assert all(proof.details for proof in failed)


def test_the_source_as_it_is_turns_nothing_red(tmp_path: Path) -> None:
    assert {proof.verdict for proof in judged(copied(tmp_path))} == {"passed"}
