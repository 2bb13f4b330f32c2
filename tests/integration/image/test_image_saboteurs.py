"""Each saboteur of the image turns its own task red and no other; a good image turns none."""

from __future__ import annotations

from pathlib import Path

import pytest

from deploy.errors import BuildFailed, SmokeFailed
from deploy.image.build import BuildOutcome
from deploy.image.engine import BuildRequest, Engine
from deploy.image.smoke import smoke_image
from deploy.pipeline.proofs import of_failed_build, of_failed_smoke, of_rehearsal
from deploy.proof import Proof
from tests.integration.image.conftest import Sample
from tests.saboteurs.images import IMAGES, ImageSaboteur
from tests.specification import OF_CHECK

PATIENT = 60.0
IMPATIENT = 4.0
"""Seconds; for those that would be waited for in vain."""
UNANSWERED = {"hang", "unhealthy"}


def judged(docker: Engine, sample: Sample, misbehave: str) -> tuple[Proof, ...]:
    image = docker.find_image(sample.image)
    assert image is not None
    outcome = BuildOutcome(image=image, reused=False, seconds=1.0, key=None)
    try:
        patience = IMPATIENT if misbehave in UNANSWERED else PATIENT
        report = smoke_image(docker, sample.request(misbehave, ready_timeout=patience, read_only=True))
    except SmokeFailed as error:
        return of_failed_smoke(outcome, error)
    return of_rehearsal(outcome, report, read_only=True)


def unbuilt(docker: Engine, folder: Path) -> tuple[Proof, ...]:
    (folder / "Dockerfile").write_text("FROM python:3.13-slim\nRUN python -c 'import nothing_there'\n")
    with pytest.raises(BuildFailed) as caught:
        docker.build(BuildRequest(context=folder, tag="spacewright-test/never:built", timeout=300.0))
    return (of_failed_build(caught.value),)


@pytest.mark.parametrize("saboteur", IMAGES, ids=lambda saboteur: saboteur.name)
def test_a_broken_image_turns_its_task_red_and_no_other(
    saboteur: ImageSaboteur, docker: Engine, sample: Sample, tmp_path: Path
) -> None:
    broken = saboteur.misbehave
    proofs = judged(docker, sample, broken) if broken else unbuilt(docker, tmp_path)
    failed = [proof for proof in proofs if proof.verdict == "failed"]
    assert {OF_CHECK[proof.check].id for proof in failed} == set(saboteur.tasks), [proof.line for proof in failed]


def test_a_good_image_turns_nothing_red(docker: Engine, sample: Sample) -> None:
    proofs = judged(docker, sample, "")
    assert {proof.check: proof.verdict for proof in proofs} == dict.fromkeys(
        ("build", "image", "boot", "assigned port"), "passed"
    )
