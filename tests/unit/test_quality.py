"""What `lint`, `test` and `bench` run, and with which exit code they end."""

from __future__ import annotations

import io
import itertools
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import pytest

from deploy.command import Command
from deploy.config import load
from deploy.console import Console
from deploy.tasks.base import Session
from development.linters import Linter, linters, run_linters
from development.programs import after_dashes
from development.testing import run_tests


def test_linters_are_those_that_have_something_to_look_at(tmp_path: Path) -> None:
    assert [linter.name for linter in linters(tmp_path)] == ["style", "format", "types", "arrows"]

    (tmp_path / ".github" / "workflows").mkdir(parents=True)
    (tmp_path / ".github" / "workflows" / "ci.yml").write_text("on: push\n")
    (tmp_path / ".github" / "dependabot.yml").write_text("version: 2\n")
    (tmp_path / "action.yml").write_text("name: it\n")

    found = {linter.name: linter.command.argv for linter in linters(tmp_path)}
    assert list(found) == [
        *("style", "format", "types", "arrows", "zizmor"),
        *("github-workflows", "github-workflows-require-timeout", "github-actions", "dependabot"),
    ]
    assert found["zizmor"][-3:] == (".github/dependabot.yml", ".github/workflows/ci.yml", "action.yml")
    assert found["github-workflows"][-1] == ".github/workflows/ci.yml"
    assert found["github-workflows-require-timeout"][-1] == ".github/workflows/ci.yml"
    assert found["github-actions"][-1] == "action.yml"
    assert found["dependabot"][-1] == ".github/dependabot.yml"


def test_every_linter_runs_whatever_the_first_says() -> None:
    out, err = io.StringIO(), io.StringIO()
    chosen = tuple(
        Linter(name=name, command=Command(argv=(sys.executable, "-c", f"print('{name} speaks'); exit({code})")))
        for name, code in (("first", 3), ("second", 0), ("third", 1))
    )

    assert run_linters(Console("json", out=out, err=err, env={}), chosen) == 1

    document = json.loads(out.getvalue())
    assert [(linter["name"], linter["code"]) for linter in document["linters"]] == [
        ("first", 3),
        ("second", 0),
        ("third", 1),
    ]
    assert "third speaks" in err.getvalue()
    assert "second speaks" not in err.getvalue()


def test_content_linters_end_well() -> None:
    quiet = Linter(name="quiet", command=Command(argv=(sys.executable, "-c", "")))

    assert run_linters(Console("json", out=io.StringIO(), err=io.StringIO(), env={}), (quiet,)) == 0


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (["invoke", "test"], []),
        (["invoke", "test", "--", "-k", "a and b", ""], ["-k", "a and b", ""]),
        (["invoke", "test", "--", "--", "x"], ["--", "x"]),
    ],
)
def test_words_after_the_dashes_stay_as_they_were_typed(argv: list[str], words: list[str]) -> None:
    assert after_dashes(argv) == words


class Run:
    """A run of tests in which pytest only notes what it is asked, and ends with these codes."""

    def __init__(self, *codes: int, mode: Literal["human", "json"] = "human") -> None:
        config = load(Path(__file__).parents[2])
        self.out, self.asked = io.StringIO(), list[list[str]]()
        self._codes = iter(codes)
        console = Console(mode, out=self.out, err=io.StringIO(), env={})
        self._session = Session(config=config, target=config.target(), console=console, env={})

    def __call__(self, *arguments: str) -> int:
        ticks = itertools.count(step=30)
        return run_tests(self._session, arguments, run=self._pytest, clock=lambda: float(next(ticks)))

    def _pytest(self, session: Session, argv: Sequence[str]) -> int:
        self.asked.append([*argv[argv.index("--no-loadscope-reorder") + 1 :]])
        return next(self._codes)


DOCUMENTS = "tests/integration/test_docs.py"
PARTS = [[f"--ignore={DOCUMENTS}"], ["-n", "0", DOCUMENTS], ["tests/unit/backend", "--database", "postgres"]]


@pytest.mark.parametrize(
    ("codes", "code", "asked", "last"),
    [
        ((0, 0, 0), 0, PARTS, "== the backend's unit tests on PostgreSQL: passed in 30 s"),
        ((1, 0, 0), 1, PARTS, "== the backend's unit tests on PostgreSQL: passed in 30 s"),
        ((0, 0, 1), 1, PARTS, "== the backend's unit tests on PostgreSQL: failed with 1 in 30 s"),
        ((0, 2), 2, PARTS[:2], "== the documents: failed with 2 in 30 s"),
        ((130,), 130, PARTS[:1], "== all tests but those of the documents: failed with 130 in 30 s"),
    ],
    ids=["well", "first fails", "last fails", "stopped", "killed"],
)
def test_the_documents_run_by_themselves_and_the_backends_tests_once_more_on_postgresql(
    codes: tuple[int, ...], code: int, asked: list[list[str]], last: str
) -> None:
    run = Run(*codes)

    assert run() == code

    assert run.asked == asked
    said = run.out.getvalue().splitlines()
    assert said[0] == "== all tests but those of the documents"
    assert said[-1] == last
    assert len(said) == 2 * len(asked)


def test_chosen_tests_run_once_and_as_they_were_chosen() -> None:
    run = Run(1)

    assert run("tests/unit", "-k", "a and b") == 1

    assert run.asked == [["tests/unit", "-k", "a and b"]]
    assert run.out.getvalue() == ""


def test_a_program_reads_how_each_part_went() -> None:
    run = Run(0, 0, 3, mode="json")

    assert run() == 3

    document = json.loads(run.out.getvalue())
    assert (document["code"], document["seconds"]) == (3, 90.0)
    assert [part["code"] for part in document["parts"]] == [0, 0, 3]
