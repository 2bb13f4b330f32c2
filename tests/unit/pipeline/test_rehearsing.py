"""A rehearsal that fails is in the evidence: what was built, and what did not boot."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from deploy.errors import BuildFailed, SmokeFailed
from deploy.image.build import BuildOutcome
from deploy.image.diagnosis import Ended
from deploy.image.engine import Image
from deploy.image.smoke import Boot, SmokeReport
from deploy.pipeline import rehearsal
from deploy.pipeline.rehearsal import Rehearsal
from deploy.pipeline.run import Run
from tests.unit.pipeline.builders import Story

BUILT = BuildOutcome(
    image=Image(tag="sample:1", id="sha256:1", size=1_000_000, layers=1, labels={}), reused=False, seconds=1.0, key=None
)
BOOTED = SmokeReport(
    boots=(Boot(port=20_001, port_given=True, seconds=1.0, revision=None),
           Boot(port=7860, port_given=False, seconds=1.0, revision=None)),
    warnings=(),
)  # fmt: skip


def rehearsed(story: Story, monkeypatch: pytest.MonkeyPatch, *, build: Any = BUILT, smoke: Any = BOOTED) -> Run:
    """With an engine whose build and boots come to that."""

    def comes_to(outcome: Any) -> Any:
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    trial = SimpleNamespace(build=lambda _: comes_to(build), smoke=lambda *_: comes_to(smoke))
    monkeypatch.setattr(rehearsal, "Trial", SimpleNamespace(of=lambda *_: trial))
    run = story.run()
    engine: Any = object()
    source: Any = object()
    if isinstance(build, Exception) or isinstance(smoke, Exception):
        with pytest.raises((BuildFailed, SmokeFailed)):
            Rehearsal(engine=engine, absence=None, waived=False).rehearse(run, source)
    else:
        Rehearsal(engine=engine, absence=None, waived=False).rehearse(run, source)
    return run


def verdicts(run: Run) -> dict[str, str]:
    return {name: proof.verdict for name, proof in run.proofs.items()}


def test_what_builds_and_boots_is_proved(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    run = rehearsed(story, monkeypatch)
    assert verdicts(run) == dict.fromkeys(("build", "image", "boot", "assigned port"), "passed")
    assert run.image == "sha256:1"


def test_a_build_that_fails_is_a_proof(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    run = rehearsed(story, monkeypatch, build=BuildFailed("The image does not build."))
    assert verdicts(run) == {"build": "failed"}
    assert run.image == ""


def test_a_boot_that_fails_is_a_proof_beside_the_build(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    run = rehearsed(story, monkeypatch, smoke=Ended("The container ended with code 1."))
    assert verdicts(run) == {"build": "passed", "image": "failed"}


def test_without_an_engine_nothing_is_proved(story: Story) -> None:
    run = story.run()
    source: Any = object()
    Rehearsal(engine=None, absence=None, waived=True).rehearse(run, source)
    assert run.proofs == {}
