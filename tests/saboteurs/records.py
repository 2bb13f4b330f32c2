"""Saboteurs of what a deploy finds, on the Space and in advisories, and of what it writes down (T010 to T034)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from deploy.evidence.documentation import documentation
from deploy.evidence.requirements import requirements
from deploy.image.boot import Boot
from deploy.image.build import BuildOutcome
from deploy.image.engine import Image
from deploy.image.smoke import SmokeReport
from deploy.lock.advisories import read_audit
from deploy.pipeline.ending import Ending
from deploy.pipeline.proofs import (
    MOST_BUILD_SECONDS,
    of_audit,
    of_configuration,
    of_production_build,
    of_rehearsal,
    of_settings,
    of_the_whole,
)
from deploy.proof import Proof
from deploy.space.observe import Observed
from deploy.space.plan import make_plan
from tests.saboteurs.model import Kind, Saboteur
from tests.unit.evidence.samples import evidence, proofs
from tests.unit.pipeline.builders import Story
from tests.unit.space.builders import desired, foreign, rule, settings, space_info, stored, variable

OPERATIONS = ("GET /tasks", "POST /tasks", "DELETE /tasks/{id}")
DECLARED = {"LOG_LEVEL": "info"}
KEY = {"JWT_KEY_A": "a key that signs tokens"}


@dataclass(frozen=True, kw_only=True)
class RecordSaboteur(Saboteur):
    """`judge` is given an empty folder; `honest` does the same with nothing broken."""

    judge: Callable[[Path], tuple[Proof, ...]]
    honest: Callable[[Path], tuple[Proof, ...]]


def _planned(
    variables: Mapping[str, str] = DECLARED, *, secrets: bool = True, key_known: bool = True, private: bool = False
) -> tuple[Proof, ...]:
    """Of a Space with those settings, which should have DECLARED and KEY, and be public."""
    kept = {"JWT_KEY_A": stored(KEY["JWT_KEY_A"]) if key_known else foreign()} if secrets else {}
    observed = Observed(
        info=space_info(private=private),
        variables={name: variable(value) for name, value in variables.items()},
        secrets=kept,
        good=True,
    )
    plan = make_plan(desired(wanted=settings(DECLARED, KEY, rules=(rule("JWT_KEY_A"),))), observed)
    return of_settings(plan, observed), of_configuration(plan)


def _compared(folder: Path, offered: tuple[str, ...] = OPERATIONS) -> tuple[Proof, ...]:
    run = Story(root=folder).run()
    run.described = OPERATIONS
    return (of_production_build(run, offered),)


def _summed_up(folder: Path, *broken: str) -> tuple[Proof, ...]:
    run = Story(root=folder).run()
    run.end(Ending.DEPLOYED)
    run.prove(*_failing(*broken))
    return (of_the_whole(run),)


def _required(*broken: str) -> tuple[Proof, ...]:
    return (requirements(evidence(proofs=_failing(*broken))),)


def _failing(*broken: str) -> tuple[Proof, ...]:
    return tuple(replace(proof, verdict="failed") if proof.check in broken else proof for proof in proofs())


def _built(seconds: float) -> tuple[Proof, ...]:
    image = Image(tag="sample:1", id="sha256:1", size=1_000_000, layers=1, labels={})
    outcome = BuildOutcome(image=image, reused=False, seconds=seconds, key=None)
    boots = tuple(Boot(port=port, port_given=port != 7860, seconds=1.0) for port in (20_001, 7860))
    return of_rehearsal(outcome, SmokeReport(boots=boots, warnings=()), read_only=True)


def _known(package: str = "", *mended: str) -> tuple[Proof, ...]:
    """What pip-audit says of a lock with that package in it."""
    advisory = {"id": "PYSEC-2026-7", "aliases": [], "fix_versions": mended, "description": "Trouble"}
    rows = [
        {"name": name, "version": "1.2.0", "vulns": [advisory] if name == package else []}
        for name in ("fastapi", "starlette")
    ]
    return (of_audit(read_audit("requirements.txt", {"dependencies": rows}, ())),)


def _documented(folder: Path, page: str) -> tuple[Proof, ...]:
    (folder / "README.md").write_text(f"[how](docs/{page})\n", encoding="utf-8")
    (folder / "docs").mkdir()
    (folder / "docs/use.md").write_text("How to use it.\n", encoding="utf-8")
    return (documentation(folder, None, ()),)


def _saboteur(
    kind: Kind,
    tasks: str,
    name: str,
    breaks: str,
    *,
    judge: Callable[[Path], tuple[Proof, ...]],
    honest: Callable[[Path], tuple[Proof, ...]],
) -> RecordSaboteur:
    return RecordSaboteur(kind=kind, tasks=tuple(tasks.split()), name=name, breaks=breaks, judge=judge, honest=honest)


def _as_declared(_folder: Path) -> tuple[Proof, ...]:
    return _planned()


RECORDS: tuple[RecordSaboteur, ...] = (
    _saboteur(
        "Space",
        "T010 T031",
        "variable missing",
        "The Space lacks a variable that the project declares",
        judge=lambda _: _planned({}),
        honest=_as_declared,
    ),
    _saboteur(
        "Space",
        "T010 T031",
        "secret missing",
        "The Space lacks the key that signs tokens",
        judge=lambda _: _planned(secrets=False),
        honest=_as_declared,
    ),
    _saboteur(
        "Space",
        "T010 T031",
        "variable changed by hand",
        "A variable of the Space has another value than the declared one",
        judge=lambda _: _planned({"LOG_LEVEL": "debug"}),
        honest=_as_declared,
    ),
    _saboteur(
        "Space",
        "T031",
        "variable left over",
        "The Space has a variable of ours that is declared no longer",
        judge=lambda _: _planned({**DECLARED, "OLD": "1"}),
        honest=_as_declared,
    ),
    _saboteur(
        "image",
        "T014",
        "slow build",
        "The build takes longer than five minutes",
        judge=lambda _: _built(MOST_BUILD_SECONDS + 1),
        honest=lambda _: _built(MOST_BUILD_SECONDS),
    ),
    _saboteur(
        "source",
        "T025",
        "known hole",
        "A locked package has a known vulnerability that a newer version mends",
        judge=lambda _: _known("starlette", "1.2.1"),
        honest=lambda _: _known("starlette"),  # what nothing mends yet is told, and waits
    ),
    _saboteur(
        "evidence",
        "T029",
        "requirement open",
        "A task that a requirement stands on failed",
        judge=lambda _: _required("crud"),
        honest=lambda _: _required(),
    ),
    _saboteur(
        "Space",
        "T032",
        "operation lost",
        "The Space lacks an operation that the rehearsed container had",
        judge=lambda folder: _compared(folder, OPERATIONS[:-1]),
        honest=_compared,
    ),
    _saboteur(
        "evidence",
        "T033",
        "link broken",
        "One check between source and load failed",
        judge=lambda folder: _summed_up(folder, "crud"),
        honest=_summed_up,
    ),
    _saboteur(
        "evidence",
        "T034",
        "dead link",
        "The README leads to a page that is not there",
        judge=lambda folder: _documented(folder, "gone.md"),
        honest=lambda folder: _documented(folder, "use.md"),
    ),
)
