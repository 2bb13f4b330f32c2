"""evidence.json: what is written is read again, what is read is held to the schema, and no secret is in it."""

from __future__ import annotations

import json
import math
import stat
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from jsonschema_rs import validator_for

from deploy import evidence as room
from deploy.errors import EvidenceError
from deploy.evidence.decoding import Misfit
from deploy.evidence.document import from_text, to_document, to_text
from deploy.evidence.model import Evidence
from deploy.evidence.store import find, folder, keep, kept, read
from deploy.proof import Proof
from deploy.secret import Redactor, Secret
from tests.specification import TASKS
from tests.unit.evidence.samples import DEPLOY, evidence, proofs, troubled

SCHEMA = json.loads((Path(room.__path__[0]) / "evidence.schema.json").read_text(encoding="utf-8"))
VALID = validator_for(SCHEMA, validate_formats=True)
PLAIN = Redactor()
Edit = Callable[[dict[str, Any]], object]

DAMAGE: dict[str, tuple[Edit, str]] = {
    "missing": (lambda it: it.pop("space"), "space is missing"),
    "unknown": (lambda it: it.update(mood="good"), "mood is not part of the schema"),
    "text": (lambda it: it.update(who=7), "who should be text"),
    "flag": (lambda it: it.update(rolled_back=0), "rolled_back should be true or false"),
    "time": (lambda it: it.update(started="yesterday"), "started should be a time"),
    "time zone": (lambda it: it.update(finished="2026-11-22T20:15:30"), "finished should be a time"),
    "proof": (lambda it: it["proofs"][3].pop("asked"), "proofs[3].asked is missing"),
    "verdict": (lambda it: it["proofs"][0].update(verdict="ok"), "proofs[0].verdict should be one of 'passed'"),
    "number": (lambda it: it["proofs"][0].update(seconds=True), "proofs[0].seconds should be a number"),
    "figure": (lambda it: it["proofs"][0].update(figures={"a": "1"}), "proofs[0].figures.a should be a number"),
    "cell": (lambda it: it["proofs"][0].update(tables={"t": [{"a": []}]}), "proofs[0].tables.t[0].a should be"),
    "row": (lambda it: it["proofs"][0].update(tables={"t": ["a"]}), "proofs[0].tables.t[0] should be an object"),
    "list": (lambda it: it.update(steps={}), "steps should be a list"),
    "outcome": (lambda it: it["steps"][0].update(outcome="fine"), "steps[0].outcome should be one of"),
    "task": (lambda it: it["tasks"][2].pop("title"), "tasks[2].title is missing"),
    "checks": (lambda it: it["tasks"][2].update(checks="crud"), "tasks[2].checks should be a list"),
    "row of tasks": (lambda it: it["tasks"].append("T036"), "tasks[35] should be an object"),
    "no tasks": (lambda it: it.pop("tasks"), "tasks is missing"),
}


def changed(edit: Edit) -> dict[str, Any]:
    document = to_document(evidence())
    edit(document)
    return document


def test_every_field_is_documented() -> None:
    text = (Path(__file__).parents[3] / "docs/evidence.md").read_text(encoding="utf-8")
    assert [name for name in (*SCHEMA["properties"], "p95_ms") if f"`{name}`" not in text and name != "schema"] == []
    assert f"`{SCHEMA['properties']['schema']['const']}`" in text


# There and back ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("whole", [evidence(), troubled(), evidence(proofs=())], ids=["good", "troubled", "empty"])
def test_what_is_written_is_read_again_and_holds_to_the_schema(whole: Evidence) -> None:
    text = to_text(whole)
    assert from_text(text) == whole
    VALID.validate(json.loads(text))


@pytest.mark.parametrize("damage", DAMAGE)
def test_what_does_not_fit_is_named_with_its_place_and_refused_by_the_schema_too(damage: str) -> None:
    edit, said = DAMAGE[damage]
    document = changed(edit)
    with pytest.raises(Misfit) as caught:
        from_text(json.dumps(document))
    assert str(caught.value).startswith(said)
    assert not VALID.is_valid(document)


def test_no_task_says_more_than_its_proofs() -> None:
    document = to_document(troubled())
    document["tasks"][15]["verdict"] = "passed"
    with pytest.raises(Misfit, match="of T016"):
        from_text(json.dumps(document))


def test_a_check_stands_once() -> None:
    document = changed(lambda it: it["proofs"].append(it["proofs"][0]))
    with pytest.raises(Misfit, match="two proofs are of the check 'specification'"):
        from_text(json.dumps(document))


def test_numbers_that_json_has_no_word_for_become_text_or_go() -> None:
    odd = Proof(
        check="load",
        verdict="failed",
        asked="a",
        seen="b",
        figures={"nan": math.nan, "fine": 1.5},
        tables={"t": ({"inf": math.inf, "yes": True, "none": None},)},
    )
    found = from_text(to_text(evidence(proofs=proofs(load=odd)))).failed[0]
    assert found.figures == {"fine": 1.5}
    assert found.tables["t"] == ({"inf": "inf", "yes": "yes", "none": None},)


# What it proves ------------------------------------------------------------------------------------------


def test_a_task_is_proved_by_all_its_checks_and_failed_by_one() -> None:
    task = next(task for task in TASKS if len(task.checks) > 1)
    good, second = evidence(), task.checks[1]
    assert good.verdict_of(task) == "passed"
    for verdict in ("failed", "not run"):
        shown = tuple(replace(it, verdict=verdict) if it.check == second else it for it in good.proofs)
        assert evidence(proofs=shown).verdict_of(task) == verdict
    absent = tuple(it for it in good.proofs if it.check != second)
    assert evidence(proofs=absent).verdict_of(task) == "not run"


def test_failures_come_in_the_order_of_tasks() -> None:
    checks = ("GET /", "stable", "entry", "load")
    failed = tuple(Proof(check=check, verdict="failed", asked="", seen="") for check in checks)
    assert [proof.check for proof in evidence(proofs=failed).failed] == ["entry", "load", "stable", "GET /"]


def test_the_tally_counts_tasks() -> None:
    assert evidence().tally() == {"passed": 35, "failed": 0, "not run": 0}
    assert troubled().tally() == {"passed": 31, "failed": 2, "not run": 2}
    assert evidence(proofs=()).tally() == {"passed": 0, "failed": 0, "not run": 35}


# Secrets -------------------------------------------------------------------------------------------------


def test_no_text_of_it_holds_a_secret_and_none_damages_it(tmp_path: Path) -> None:
    secrets = ("hunter2!", "passed", "structure", "schema", "verdict", DEPLOY)
    told = Proof(
        check="key hunter2!",
        verdict="failed",
        asked="hunter2!",
        seen="passed: hunter2!",
        details=("hunter2!",),
        figures={"hunter2!": 1.0},
        tables={"hunter2!": ({"hunter2!": "hunter2!"},)},
        files=("hunter2!.png",),
    )
    names = ("space", "hub", "url", "who", "source_sha", "revision", "image", "commit")
    whole = evidence(proofs=(*proofs(), told), tools={"hunter2!": "hunter2!"}, **dict.fromkeys(names, "a hunter2! b"))
    path = keep(tmp_path, whole, Redactor(map(Secret, secrets)))
    assert "hunter2" not in path.read_text(encoding="utf-8")
    found = read(path)
    assert found.who == "a [REDACTED] b"
    assert found.tally() == whole.tally()
    assert found.failed[0].seen == "[REDACTED]: [REDACTED]"


# Keeping and finding -------------------------------------------------------------------------------------


def test_it_is_kept_in_the_folder_of_its_deploy_for_its_owner_alone(tmp_path: Path) -> None:
    path = keep(tmp_path, evidence(), PLAIN)
    assert path == folder(tmp_path, "local", DEPLOY) / "evidence.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(path.parent.iterdir()) == [path]


def test_text_that_is_no_unicode_does_not_lose_it(tmp_path: Path) -> None:
    found = read(keep(tmp_path, evidence(who="a\udce9b"), PLAIN))
    assert found.who == "a?b"


def test_the_newest_is_found_and_any_by_its_beginning(tmp_path: Path) -> None:
    for name in ("20261121T1-aa", "20261123T1-bb", "20261122T1-cc"):
        keep(tmp_path, evidence(deploy=name), PLAIN)
    (folder(tmp_path, "local", "20261124T1-dd")).mkdir()
    assert kept(tmp_path, "local") == ("20261121T1-aa", "20261122T1-cc", "20261123T1-bb")
    assert find(tmp_path, "local").parent.name == "20261123T1-bb"
    assert find(tmp_path, "local", "20261122").parent.name == "20261122T1-cc"
    assert find(tmp_path, "local", "20261121T1-aa").parent.name == "20261121T1-aa"


@pytest.mark.parametrize("wanted", ["2027", "2026", "../local/x"])
def test_no_or_several_deploys_like_it_are_one_error(tmp_path: Path, wanted: str) -> None:
    for name in ("20261121T1-aa", "20261122T1-bb"):
        keep(tmp_path, evidence(deploy=name), PLAIN)
    with pytest.raises(EvidenceError) as caught:
        find(tmp_path, "local", wanted)
    assert caught.value.what.startswith("More than one" if wanted == "2026" else "No deploy")
    assert caught.value.details == ("20261122T1-bb", "20261121T1-aa")
    assert "invoke report --to local --deploy" in str(caught.value)


def test_no_evidence_yet_is_an_error_that_says_how_to_make_some(tmp_path: Path) -> None:
    with pytest.raises(EvidenceError, match="no evidence of target 'staging' yet") as caught:
        find(tmp_path, "staging")
    assert caught.value.next_step == "invoke verify --to staging"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("content", "cause"),
    [
        (b"", "it is not JSON"),
        (b'{"schema": "spacewright/evid', "it is not JSON"),
        (b"\xff\xfe", "'utf-8' codec"),
        (b"[" * 100_000, "it is not JSON"),
        (b'{"schema": "spacewright/evidence/2"}', "commit is missing"),
    ],
)
def test_a_damaged_file_is_one_clear_error(tmp_path: Path, content: bytes, cause: str) -> None:
    path = tmp_path / "evidence.json"
    path.write_bytes(content)
    with pytest.raises(EvidenceError, match="is damaged") as caught:
        read(path)
    assert caught.value.cause is not None
    assert caught.value.cause.startswith(cause)


@pytest.mark.parametrize("schema", ["spacewright/evidence/1", 1, None])
def test_another_version_is_refused_with_both_names(tmp_path: Path, schema: object) -> None:
    path = tmp_path / "evidence.json"
    path.write_text(json.dumps({"schema": schema, "tasks": []}))
    with pytest.raises(EvidenceError, match="not evidence that this version") as caught:
        read(path)
    assert caught.value.cause == f"it is of schema {schema!r}, and this version reads 'spacewright/evidence/2'"


def test_a_file_that_cannot_be_read_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(EvidenceError, match="cannot be read"):
        read(tmp_path)
