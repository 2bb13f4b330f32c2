"""An audit ends a deploy before anything is changed, or says why there was none; the command tells of all locks."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from deploy.errors import NotAudited, Vulnerable
from deploy.lock import audit
from deploy.lock.advisories import Advisory, Audit
from deploy.pipeline.commands.audit import audit_locks
from deploy.pipeline.run import Run
from deploy.pipeline.steps.audit import audit_source
from deploy.pipeline.steps.source import Staged
from deploy.proof import NotRun
from tests.unit.ground.builders import LOCAL, Recorded, configured
from tests.unit.pipeline.builders import TOML, Story

FULL = f'{TOML}\n[verify]\nsuite = "full"\n'
HOLE = Advisory(package="starlette", version="1.2.0", id="CVE-2026-1", aliases=(), mended=("1.2.1",), summary="Trouble")
CLEAN = Audit(lock="backend/requirements.txt", packages=49)


class Auditor:
    """Stands for the one that asks: an audit, or the reason why there is none."""

    def __init__(self, comes_to: Audit | str) -> None:
        self.comes_to = comes_to
        self.asked: list[tuple[str, str]] = []

    def require_source(self) -> None:
        if isinstance(self.comes_to, str):
            raise NotRun(self.comes_to)

    def audit(self, name: str, lock: str, on_line: object) -> Audit:
        self.asked.append((name, lock))
        assert isinstance(self.comes_to, Audit)
        return replace(self.comes_to, lock=name)

    @contextmanager
    def opened(self, *_: object) -> Iterator[Any]:
        yield self


def staged(root: Path, lock: str | None = "starlette==1.2.0\n") -> Staged:
    folder = root / "staged"
    folder.mkdir()
    if lock is not None:
        (folder / "requirements.txt").write_text(lock)
    tree: Any = None
    return Staged(tree=tree, folder=folder, source_sha="none")


def begun(story: Story, toml: str = FULL) -> Run:
    story.toml = toml
    return story.run()


def test_what_would_be_shipped_is_asked_for(story: Story) -> None:
    auditor = Auditor(CLEAN)
    run = begun(story)
    run.clock = iter((10.0, 12.5)).__next__
    audit_source(run, staged(story.root), opened=auditor.opened)
    assert auditor.asked == [("backend/requirements.txt", "starlette==1.2.0\n")]
    assert run.proofs["audit"].seconds == 2.5
    assert run.proofs["audit"].verdict == "passed"
    assert run.proofs["audit"].seen == "49 packages, none with a known vulnerability"
    assert run.proofs["audit"].figures == {"packages": 49}


def test_a_hole_that_could_be_mended_ends_it_with_what_to_do(story: Story) -> None:
    auditor = Auditor(replace(CLEAN, open_=(HOLE,)))
    run = begun(story)
    source = staged(story.root)
    with pytest.raises(Vulnerable) as caught:
        audit_source(run, source, opened=auditor.opened)
    assert caught.value.what == "1 locked package with a known vulnerability: starlette 1.2.0. Nothing was changed."
    assert caught.value.cause == "starlette 1.2.0 has CVE-2026-1, mended in 1.2.1: Trouble"
    assert "invoke lock --upgrade" in str(caught.value.next_step)
    assert "[audit] ignore" in str(caught.value.next_step)
    assert run.proofs["audit"].verdict == "failed"
    assert run.console.steps[-1].outcome == "failed"


def test_a_hole_that_nothing_mends_is_said_and_goes_on(story: Story) -> None:
    auditor = Auditor(replace(CLEAN, unmended=(replace(HOLE, mended=()),)))
    run = begun(story)
    audit_source(run, staged(story.root), opened=auditor.opened)
    assert run.proofs["audit"].verdict == "passed"
    assert "no version mends it yet" in run.proofs["audit"].details[0]
    assert "starlette 1.2.0 has CVE-2026-1, no version mends it yet" in story.recorded.said


@pytest.mark.parametrize(
    ("outcome", "lock", "why"),
    [("the advisory source cannot be reached: no route", "", "the advisory source cannot be reached: no route"),
     (CLEAN, None, "backend/requirements.txt cannot be read")],
)  # fmt: skip
def test_what_cannot_be_asked_is_not_run_and_no_end(outcome: Any, lock: str | None, why: str, story: Story) -> None:
    auditor = Auditor(outcome)
    run = begun(story)
    audit_source(run, staged(story.root, lock), opened=auditor.opened)
    assert (run.proofs["audit"].verdict, run.proofs["audit"].seen) == ("not run", why)
    assert run.console.steps[-1].outcome == "skipped"
    assert why in story.recorded.said


def test_a_project_that_has_to_serve_alone_is_not_asked_for_it(story: Story) -> None:
    auditor = Auditor(CLEAN)
    run = begun(story, TOML)
    audit_source(run, staged(story.root), opened=auditor.opened)
    assert (auditor.asked, run.proofs, run.console.steps) == ([], {}, ())


def test_a_tool_that_cannot_be_had_is_the_reason(story: Story) -> None:
    run = begun(story)
    absent = audit.Auditor(config=run.config.audit, python=None, missing="pip_audit is not installed", environ={})
    audit_source(run, staged(story.root), opened=lambda *_: nullcontext(absent))
    assert run.proofs["audit"].verdict == "not run"
    assert "pip_audit is not installed" in run.proofs["audit"].seen


# The command ---------------------------------------------------------------------------------------------


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for folder in ("backend", "."):
        (tmp_path / folder).mkdir(exist_ok=True)
        (tmp_path / folder / "requirements.in").write_text("starlette\n")
        (tmp_path / folder / "requirements.txt").write_text("starlette==1.2.0\n")
    return tmp_path


def test_the_command_asks_for_every_lock(project: Path) -> None:
    auditor = Auditor(replace(CLEAN, unused=("CVE-2001-1",)))
    recorded = Recorded("json")
    audit_locks(configured(project, LOCAL), recorded.console, opened=auditor.opened)
    assert [name for name, _ in auditor.asked] == ["backend/requirements.txt", "requirements.txt"]
    document = json.loads(recorded.out.getvalue())
    assert document["source"] == "https://api.osv.dev/v1/query"
    assert [audit["unused"] for audit in document["audits"]] == [["CVE-2001-1"]] * 2


def test_it_ends_with_what_is_known_of_all_of_them(project: Path) -> None:
    auditor = Auditor(replace(CLEAN, open_=(HOLE,)))
    config, recorded = configured(project, LOCAL), Recorded()
    with pytest.raises(Vulnerable) as caught:
        audit_locks(config, recorded.console, opened=auditor.opened)
    assert recorded.said.count("✗") == 2
    locks = ("backend/requirements.txt", "requirements.txt")
    assert caught.value.details == tuple(f"{lock}: {HOLE}" for lock in locks)
    assert len(caught.value.as_document()["audits"]) == 2  # type: ignore[arg-type]


def test_without_a_source_it_ends_and_says_where_it_would(project: Path) -> None:
    auditor = Auditor("the advisory source cannot be reached: no route")
    config = configured(project, LOCAL)
    with pytest.raises(NotAudited, match="no route") as caught:
        audit_locks(config, Recorded().console, opened=auditor.opened)
    assert "[audit] source" in str(caught.value.next_step)
