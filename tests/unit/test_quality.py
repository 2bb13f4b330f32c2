"""What `lint`, `test` and `bench` run, and with which exit code they end."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import pytest

from deploy.command import Command
from deploy.console import Console
from deploy.tasks.linters import Linter, linters, run_linters
from deploy.tasks.programs import after_dashes


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
