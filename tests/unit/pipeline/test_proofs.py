"""What a deploy sees by itself becomes proofs: each passes, fails and is left out when it should be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from deploy.errors import BuildFailed, SmokeFailed
from deploy.image.boot import Boot
from deploy.image.build import BuildOutcome
from deploy.image.diagnosis import Ended, ListensElsewhere
from deploy.image.engine import Image
from deploy.image.smoke import SmokeReport
from deploy.pipeline.ending import Ending
from deploy.pipeline.proofs import (
    of_failed_build,
    of_failed_smoke,
    of_production_build,
    of_rehearsal,
    of_serving,
    of_source,
    of_the_whole,
)
from deploy.proof import Proof
from deploy.source.checks import CHECKS
from deploy.source.findings import error, warning
from tests.specification import TASKS
from tests.unit.evidence.samples import proofs
from tests.unit.pipeline.builders import Story

IMAGE = Image(tag="sample:1", id="sha256:1", size=1_000_000, layers=1, labels={})
BUILT = BuildOutcome(image=IMAGE, reused=False, seconds=12.0, key=None)
ON_RANDOM = Boot(port=20_001, port_given=True, seconds=0.7)
ON_APP_PORT = Boot(port=7860, port_given=False, seconds=0.5)


def verdicts(found: Sequence[Proof]) -> dict[str, str]:
    return {proof.check: proof.verdict for proof in found}


def report(*boots: Boot) -> SmokeReport:
    return SmokeReport(boots=boots, warnings=())


# Source --------------------------------------------------------------------------------------------------


def test_every_static_check_has_its_proof() -> None:
    found = of_source((), 31, specified=True)
    assert len(found) == len(CHECKS)
    assert {proof.verdict for proof in found} == {"passed"}


def test_without_a_specification_there_is_none_to_be_read() -> None:
    found = {proof.check: proof for proof in of_source((), 31, specified=False)}
    assert [name for name, proof in found.items() if proof.verdict != "passed"] == ["specification"]
    assert found["specification"].verdict == "not run"
    assert "names no specification" in found["specification"].seen


def test_an_error_fails_its_own_check_and_a_warning_none() -> None:
    findings = (replace(error("entry-missing", "there is none", "write it"), check="entry"),
                replace(warning("port-ignored", "it is fixed", "unfix it"), check="binding"))  # fmt: skip
    found = {proof.check: proof for proof in of_source(findings, 31, specified=True)}
    assert [name for name, proof in found.items() if proof.verdict != "passed"] == ["entry"]
    assert "there is none → write it" in found["entry"].details[0]
    assert found["binding"].seen == "0 errors and 1 warning in 31 files"


# Image ---------------------------------------------------------------------------------------------------


def test_a_rehearsal_proves_build_image_boot_and_port() -> None:
    found = of_rehearsal(BUILT, report(ON_RANDOM, ON_APP_PORT), read_only=False)
    assert verdicts(found) == dict.fromkeys(("build", "image", "boot", "assigned port"), "passed")


@pytest.mark.parametrize("read_only", [True, False])
def test_a_read_only_root_is_named_where_there_was_one(read_only: bool) -> None:
    found = of_rehearsal(BUILT, report(ON_RANDOM, ON_APP_PORT), read_only=read_only)
    image = next(proof for proof in found if proof.check == "image")
    assert ("read-only" in image.seen, "read-only" in image.asked) == (read_only, read_only)


def test_an_image_that_ignores_the_assigned_port_fails_that_alone() -> None:
    found = verdicts(of_rehearsal(BUILT, report(ON_APP_PORT), read_only=False))
    assert [name for name, verdict in found.items() if verdict == "failed"] == ["assigned port"]


def test_an_image_that_is_used_again_has_passed() -> None:
    assert set(verdicts(of_rehearsal(replace(BUILT, reused=True), report(), read_only=False)).values()) == {"passed"}


def test_a_build_that_fails_is_in_the_evidence_with_its_log() -> None:
    found = of_failed_build(BuildFailed("The image does not build.", details=("step 3",)))
    assert (found.check, found.verdict, found.details) == ("build", "failed", ("step 3",))


@pytest.mark.parametrize(
    ("failure", "check"),
    [
        (Ended("The container ended with code 3."), "image"),
        (ListensElsewhere((9999,), SmokeFailed("The server listens on port 9999.")), "assigned port"),
        (SmokeFailed("The health path answers 500."), "boot"),
    ],
)
def test_a_boot_that_fails_is_what_the_failure_is_about(failure: SmokeFailed, check: str) -> None:
    assert verdicts(of_failed_smoke(BUILT, failure)) == {"build": "passed", check: "failed"}


# The Space -----------------------------------------------------------------------------------------------


def test_one_request_that_is_not_answered_as_declared_fails_serving() -> None:
    good = Proof(check="health", verdict="passed", asked="GET /health is 200", seen="200", seconds=0.25)
    bad = Proof(check="GET /", verdict="failed", asked="GET / is 200", seen="500", seconds=0.5)
    assert (of_serving([good]).verdict, of_serving([good, bad]).verdict) == ("passed", "failed")
    assert of_serving([good, bad]).details == ("GET /: GET / is 200; seen: 500",)
    assert of_serving([good, bad]).seconds == 0.75


def test_what_was_not_asked_is_no_request() -> None:
    good = Proof(check="health", verdict="passed", asked="GET /health is 200", seen="200", seconds=0.25)
    spared = Proof(check="revision", verdict="not run", asked="it tells its revision", seen="it does not")
    assert of_serving([good, spared]).seen == "1 of 1 requests were answered as declared"


@pytest.mark.parametrize(
    ("described", "offered", "verdict", "seen"),
    [
        (("GET /a", "PUT /a"), ("PUT /a", "GET /a", "GET /b"), "passed", "all 2 operations"),
        (("GET /a", "PUT /a"), ("GET /a",), "failed", "lacking: PUT /a"),
        (("GET /a",), (), "failed", "lacking: GET /a"),
        ((), ("GET /a",), "not run", "nothing was rehearsed"),
    ],
)
def test_the_space_offers_what_the_container_did(
    described: tuple[str, ...], offered: tuple[str, ...], verdict: str, seen: str, tmp_path: Path
) -> None:
    run = Story(root=tmp_path).run()
    run.described = described
    found = of_production_build(run, offered)
    assert found.verdict == verdict
    assert seen in found.seen


# The whole -----------------------------------------------------------------------------------------------


def whole(
    root: Path, found: Sequence[Proof], *, ending: Ending = Ending.DEPLOYED, spec: Path | None = Path("spec.md")
) -> Proof:
    run = Story(root=root).run()
    run.config = replace(run.config, source=replace(run.config.source, spec=spec))
    run.end(ending)
    run.prove(*found)
    return of_the_whole(run)


def test_the_whole_holds_when_every_check_up_to_the_load_passed(tmp_path: Path) -> None:
    found = [proof for proof in proofs() if proof.check not in {check for task in TASKS[28:] for check in task.checks}]
    assert whole(tmp_path, found).verdict == "passed"


@pytest.mark.parametrize("verdict", ["failed", "not run"])
@pytest.mark.parametrize("check", ["specification", "settings", "crud", "load"])
def test_one_check_that_did_not_pass_leaves_the_whole_open(check: str, verdict: str, tmp_path: Path) -> None:
    found = [replace(proof, verdict=verdict) if proof.check == check else proof for proof in proofs()]  # type: ignore[arg-type]
    seen = whole(tmp_path, found)
    assert (seen.verdict, seen.seen) == (verdict, f"not proved: {check}")


def test_a_project_without_a_specification_is_whole_without_it(tmp_path: Path) -> None:
    found = [proof for proof in proofs() if proof.check != "specification"]
    assert whole(tmp_path, found, spec=None).verdict == "passed"
    assert whole(tmp_path, found).verdict == "not run"


def test_an_optional_check_that_was_not_run_leaves_the_whole_as_it_is(tmp_path: Path) -> None:
    found = [replace(proof, verdict="not run") if proof.check == "audit" else proof for proof in proofs()]
    seen = whole(tmp_path, found)
    assert seen.verdict == "passed"
    assert seen.seen.endswith("passed, audit was not run")
    failed = [replace(proof, verdict="failed") if proof.check == "audit" else proof for proof in proofs()]
    assert whole(tmp_path, failed).verdict == "failed"


def test_one_check_that_nobody_made_leaves_the_whole_open(tmp_path: Path) -> None:
    found = [proof for proof in proofs() if proof.check != "settings"]
    assert whole(tmp_path, found).verdict == "not run"


def test_without_a_deploy_there_is_no_whole(tmp_path: Path) -> None:
    assert whole(tmp_path, proofs(), ending=Ending.VERIFIED).verdict == "not run"
