"""A rehearsal that fails is in the evidence: what was built, and what did not boot."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import httpx2
import pytest

from deploy.errors import BuildFailed, SmokeFailed
from deploy.image.boot import Boot
from deploy.image.build import BuildOutcome
from deploy.image.contents import Contents, Leak
from deploy.image.diagnosis import Ended
from deploy.image.engine import Image
from deploy.image.smoke import SmokeReport
from deploy.image.traces import Named
from deploy.pipeline.run import Run
from deploy.pipeline.steps.rehearsal import ImageSteps, Rehearsal
from deploy.secret import Secret
from tests.unit.pipeline.builders import TOML, Story

BUILT = BuildOutcome(
    image=Image(tag="sample:1", id="sha256:1", size=1_000_000, layers=1, labels={}), reused=False, seconds=1.0, key=None
)
BOOTED = SmokeReport(
    boots=(Boot(port=20_001, port_given=True, seconds=1.0),
           Boot(port=7860, port_given=False, seconds=1.0)),
    warnings=(),
)  # fmt: skip


CLEAN = Contents(
    layers=5, size=269_034_530, seconds=1.5, leaks=(), searched=("KEY", "the Hub token"), too_short=("PIN",)
)
SERVING: Any = SimpleNamespace(url="http://127.0.0.1:1")


def rehearsed(
    story: Story,
    *,
    build: Any = BUILT,
    contents: Contents = CLEAN,
    smoke: Any = BOOTED,
) -> Run:
    """With an engine whose build, search and boots come to that."""
    looked_for: list[str] = []

    def comes_to(outcome: Any) -> Any:
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    def search(_candidate: Any, _outcome: Any, _console: Any, *more: Named) -> Contents:
        looked_for.extend(name for name, _ in more)
        return contents

    candidate: Any = SimpleNamespace(request=lambda image: image, source=SimpleNamespace(project="sample"))
    steps = ImageSteps(
        candidate=lambda *_: candidate,
        build=lambda *_: comes_to(build),
        search=search,
        smoke=lambda *_: comes_to(smoke),
        served=lambda *_: nullcontext(SERVING),
    )
    run = story.run()
    run.made = {"MADE": Secret("made up by this very run")}
    engine: Any = SimpleNamespace(tags=lambda _: ())
    source: Any = object()
    if isinstance(build, Exception) or isinstance(smoke, Exception) or contents.leaks:
        with pytest.raises((BuildFailed, SmokeFailed)):
            Rehearsal(engine=engine, absence=None, waived=False, steps=steps).rehearse(run, source)
    else:
        Rehearsal(engine=engine, absence=None, waived=False, steps=steps).rehearse(run, source)
    assert looked_for == ([] if isinstance(build, Exception) else ["MADE", "the Hub token"])
    return run


def verdicts(run: Run) -> dict[str, str]:
    return {name: proof.verdict for name, proof in run.proofs.items()}


def test_what_builds_and_boots_is_proved(story: Story) -> None:
    run = rehearsed(story)
    assert verdicts(run) == dict.fromkeys(("build", "layers", "image", "boot", "assigned port"), "passed")
    assert run.image == "sha256:1"


def test_a_build_that_fails_is_a_proof(story: Story) -> None:
    run = rehearsed(story, build=BuildFailed("The image does not build."))
    assert verdicts(run) == {"build": "failed"}
    assert run.image == ""


def test_a_boot_that_fails_is_a_proof_beside_the_build(story: Story) -> None:
    run = rehearsed(story, smoke=Ended("The container ended with code 1."))
    assert verdicts(run) == {"build": "passed", "layers": "passed", "image": "failed"}


def test_a_secret_in_the_image_is_a_proof_and_nothing_boots(story: Story) -> None:
    leaking = replace(CLEAN, leaks=(Leak(where="layer 4, `RUN x`: key", names=("KEY",)),))
    run = rehearsed(story, contents=leaking)
    assert verdicts(run) == {"build": "passed", "layers": "failed"}
    assert run.proofs["layers"].details[0] == "layer 4, `RUN x`: key holds the value of KEY"


def test_an_image_that_cannot_be_read_leaves_that_open(story: Story) -> None:
    run = rehearsed(story, contents=replace(CLEAN, unreadable="no zstd here"))
    assert verdicts(run)["layers"] == "not run"
    assert run.proofs["layers"].seen == "no zstd here"
    assert verdicts(run)["boot"] == "passed"


def test_an_image_that_passed_before_is_searched_again(story: Story) -> None:
    run = rehearsed(story, build=replace(BUILT, reused=True))
    assert run.proofs["layers"].seen == "none of 2 secrets in 5 layers and the configuration, 269 MB"
    assert "before" in run.proofs["boot"].seen


def test_what_an_image_offers_that_passed_before_is_noted(story: Story) -> None:
    story.app = lambda _: httpx2.Response(200, json={"paths": {"/tasks": {"get": {}}}})
    story.toml = f'{TOML}\n[verify]\nsuite = "full"\n'
    run = rehearsed(story, build=replace(BUILT, reused=True))
    assert story.visited == [("http://127.0.0.1:1", None)]
    assert run.described == ("GET /tasks",)


def test_what_was_not_searched_for_is_told(story: Story) -> None:
    story.toml = f"{TOML}secrets = {{ KEY = {{}}, PIN = {{}}, LATER = {{ required = false }} }}\n"
    assert rehearsed(story).proofs["layers"].details == (
        "PIN was not searched for: it has fewer than 8 bytes",
        "LATER was not searched for: no value that is its own is known here",
    )


@pytest.mark.parametrize(
    ("waived", "reason"), [(True, "told to go without"), (False, "no Docker engine here")], ids=["waived", "no engine"]
)
def test_what_was_not_rehearsed_says_why(story: Story, waived: bool, reason: str) -> None:
    run = story.run()
    source: Any = object()
    Rehearsal(engine=None, absence=None, waived=waived).rehearse(run, source)
    assert set(run.proofs) == {"build", "image", "boot", "assigned port", "layers"}
    assert {(proof.verdict, proof.seen) for proof in run.proofs.values()} == {("not run", f"not rehearsed: {reason}")}
