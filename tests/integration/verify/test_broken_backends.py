"""Each saboteur of the running backend turns its own task red and no other; the backend as it is turns none."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from deploy.verify import features, logs, performance, promises
from tests.saboteurs.judging import HEAVY, judging, red
from tests.saboteurs.live.everyone import LIVE
from tests.saboteurs.live.registry import LiveSaboteur

IN_A_BROWSER = ("T019", "T023")


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """What repeats itself does so less often than on a Space."""
    monkeypatch.setattr(promises, "EXAMPLES", 3)
    monkeypatch.setattr(performance, "ROUNDS", 3)
    monkeypatch.setattr(features, "PATIENCE", 5.0)
    monkeypatch.setattr(logs, "PATIENCE", 5.0)


def ids(saboteur: LiveSaboteur) -> str:
    return saboteur.name


@pytest.mark.parametrize("saboteur", LIVE, ids=ids)
def test_a_broken_backend_turns_its_task_red_and_no_other(
    saboteur: LiveSaboteur, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    chromium = request.getfixturevalue("chromium") if set(saboteur.tasks) & set(IN_A_BROWSER) else None
    with judging(tmp_path, saboteur.name, chromium=chromium) as judge:
        known: Mapping[str, object] = {**HEAVY, "T030": judge.endure()}
        heavy = [known[task] for task in saboteur.tasks if task in known]
        proofs = judge.prove(*heavy)  # type: ignore[arg-type]
    assert red(proofs) == set(saboteur.tasks), "\n".join(
        line for proof in proofs if proof.verdict == "failed" for line in (proof.line, *proof.details)
    )
    if saboteur.tasks != ("T017",):  # who cannot get in cannot look around either
        assert [proof.line for proof in proofs if proof.verdict == "not run"] == []


def test_the_backend_as_it_is_turns_nothing_red(tmp_path: Path, chromium: Path) -> None:
    with judging(tmp_path, chromium=chromium) as judge:
        proofs = judge.prove(*HEAVY.values(), judge.endure())
    assert {proof.line: proof.details for proof in proofs if proof.verdict != "passed"} == {}
    [phases] = [proof.details[:2] for proof in proofs if proof.check == "endpoints"]
    assert [phase.partition(":")[0] for phase in phases] == ["examples and coverage", "fuzzing and stateful"]
