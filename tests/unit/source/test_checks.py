"""What `check` makes of all findings: order, paths, strictness, text, and how the command ends."""

from __future__ import annotations

import io
import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from deploy.catalogue import CHECKS as CATALOGUE
from deploy.config import load
from deploy.console import Console
from deploy.errors import ChecksFailed
from deploy.source import rules
from deploy.source.checks import CHECKS, Finding, run_checks
from deploy.source.findings import error, warning
from deploy.source.telling import markdown, table, tally
from deploy.source.tree import read_tree
from deploy.tasks.check import _tell
from tests.specification import OF_CHECK
from tests.unit.source import test_build, test_dependencies, test_entry, test_ports, test_secrets, test_structure
from tests.unit.source.backends import APP, PLACEHOLDER, backend, starting
from tests.unit.source.conftest import Make, said

ROOT = Path(__file__).parents[3]
SPECIFICATION = ROOT / "specs/009-hf-backend-build"


def some() -> tuple[Finding, ...]:
    dropped = error("gitignored", "it | is dropped", "keep it", file="backend/.gitignore", line=3)
    twin = warning("second-main", "there are two", "delete one", file="backend/api/main.py", line=1)
    return (
        replace(dropped, check="structure", tasks=("T002",)),
        replace(twin, check="entry", tasks=("T004",)),
        replace(error("entry-missing", "there is none", "write it"), check="entry", tasks=("T004",)),
    )


def test_everything_is_named_at_once_and_in_order(project: Make) -> None:
    files = starting(
        "exec uvicorn app:app --port 80",
        {"main.py": "import jwt\n" + APP + "import uvicorn\nuvicorn.run(app)\n", ".env": "A=1", "a.py": "("},
    )
    found = project(files).check()
    assert [finding.tasks for finding in found] == sorted(finding.tasks for finding in found)
    assert {"T002", "T004", "T006", "T007", "T008", "T011"} <= {task for finding in found for task in finding.tasks}


def test_a_strict_project_has_no_warnings(project: Make) -> None:
    files = backend({"main.py": APP + PLACEHOLDER})
    assert said(project(files).check())[0][3] == "warning"
    assert said(project(files, strict=True).check())[0][3] == "error"


def test_paths_count_from_the_project(project: Make, tmp_path: Path) -> None:
    made = project(backend({"main.py": "app = 1\n"}))
    assert [finding.file for finding in made.check()] == ["backend/main.py"]
    at_root = project(backend({"main.py": "app = 1\n"}), path=tmp_path)
    assert [finding.file for finding in at_root.check() if finding.check == "application"] == ["main.py"]


def test_this_projects_own_backend_is_clean() -> None:
    config = load(ROOT)
    assert run_checks(config, read_tree(config.source.path)) == ()


# Completeness --------------------------------------------------------------------------------------------


def test_every_kind_of_finding_is_provoked_by_some_test() -> None:
    """A kind that no test can provoke is a check that cannot fail."""
    tables = (test_build.FAULTS, test_structure.FAULTS, test_dependencies.FAULTS, test_entry.FAULTS, test_ports.FAULTS)
    provoked = {
        fault.code for faults in (*tables, test_secrets.LITERALS, test_secrets.FILES) for fault in faults.values()
    }
    provoked |= {"spec-missing", "spec-empty", "json-form"}
    source = "".join(path.read_text(encoding="utf-8") for path in Path(rules.__path__[0]).glob("*.py"))
    codes = set(re.findall(r'\b(?:error|warning|report)\(\s*"([a-z-]+)"', source)) | set(
        re.findall(r'return "([a-z]+-[a-z-]+)", ', source)
    )
    assert len(codes) > 30
    assert codes - provoked == set()


def test_every_check_is_in_the_catalogue_and_no_rule_is_of_two() -> None:
    assert list(CHECKS) == list(CATALOGUE["check"])
    functions = {rule.__name__ for rules in CHECKS.values() for rule in rules}
    assert len(functions) == sum(len(rules) for rules in CHECKS.values())


def test_the_task_list_names_every_task_once_and_a_check_for_each() -> None:
    text = (SPECIFICATION / "tasks.md").read_text(encoding="utf-8")
    rows = re.findall(r"^- \[[ x]\] (T\d{3}) .+ → `(\w+)` ", text, re.MULTILINE)
    assert [task for task, _ in rows] == [f"T{number:03}" for number in range(1, 36)]
    assert {task for task, command in rows if command == "check"} == {OF_CHECK[check].id for check in CHECKS}
    assert len(re.findall(r"^## Phase \d: ", text, re.MULTILINE)) == 7


def test_the_specification_has_its_parts() -> None:
    text = (SPECIFICATION / "spec.md").read_text(encoding="utf-8")
    for part in ("## Problem", "## User stories", "**US1", "**US4", "## Requirements", "## Success criteria", "SC-001"):
        assert part in text


# Telling -------------------------------------------------------------------------------------------------


def test_a_table_groups_by_check() -> None:
    assert table(some()).splitlines() == [
        "T002 structure  the source is a Docker Space, and its files arrive as they are",
        "  ✗ backend/.gitignore:3   it | is dropped [gitignored]",
        "                           → keep it",
        "",
        "T004 entry  the entry point is what the image starts",
        "  ! backend/api/main.py:1  there are two [second-main]",
        "                           → delete one",
        "  ✗                        there is none [entry-missing]",
        "                           → write it",
    ]
    assert table(()) == ""


def test_a_project_without_tasks_sees_the_names_of_checks(project: Make) -> None:
    made = project(backend({"main.py": "app = 1\n"}))
    found = run_checks(replace(made.config, tasks=()), read_tree(made.folder))
    assert table(found).splitlines()[0] == "application  the entry point is a FastAPI application"
    assert markdown(1, found).splitlines()[4].startswith("| application | error | backend/main.py:1 |")
    assert [(finding.check, finding.tasks) for finding in found] == [("application", ())]


def test_a_long_place_has_a_line_of_its_own() -> None:
    place = "backend/" + "long/" * 12 + "main.py"
    assert (
        table((replace(error("x", "what", "cure", file=place), check="structure"),)).splitlines()[1] == f"  ✗ {place}"
    )


def test_the_tally_counts() -> None:
    assert tally(14, some()) == "14 files, 2 errors, 1 warning"
    assert tally(1, ()) == "1 file, 0 errors, 0 warnings"


def test_the_summary_of_a_job_is_a_table() -> None:
    assert markdown(2, some()).splitlines()[4] == (
        "| T002 structure | error | backend/.gitignore:3 | it \\| is dropped | keep it |"
    )


def console(mode: str, **env: str) -> tuple[Console, io.StringIO, io.StringIO]:
    out, err = io.StringIO(), io.StringIO()
    return Console(mode, out=out, err=err, env=env), out, err  # type: ignore[arg-type]


def test_errors_end_the_command_and_all_are_shown() -> None:
    output, out, _ = console("human")
    with pytest.raises(ChecksFailed) as caught:
        _tell(output, 3, some())
    assert (str(caught.value), caught.value.exit_code) == ("3 files, 2 errors, 1 warning", 1)
    for finding in some():
        assert finding.what in out.getvalue()
        assert finding.cure in out.getvalue()


def test_warnings_do_not_end_it() -> None:
    output, out, _ = console("human")
    _tell(output, 3, some()[1:2])
    assert out.getvalue().splitlines()[-1] == "3 files, 0 errors, 1 warning"
    output, out, _ = console("human")
    _tell(output, 3, ())
    assert out.getvalue() == "3 files, 0 errors, 0 warnings\n"


def test_a_job_gets_annotations_and_a_summary(tmp_path: Path) -> None:
    output, out, _ = console("github", GITHUB_STEP_SUMMARY=str(tmp_path / "summary.md"))
    with pytest.raises(ChecksFailed):
        _tell(output, 3, some())
    assert [line for line in out.getvalue().splitlines() if line.startswith("::")] == [
        "::error file=backend/.gitignore,line=3,title=gitignored::it | is dropped → keep it",
        "::warning file=backend/api/main.py,line=1,title=second-main::there are two → delete one",
        "::error title=entry-missing::there is none → write it",
    ]
    assert "**check**: 3 files" in (tmp_path / "summary.md").read_text(encoding="utf-8")


def test_a_program_gets_one_document() -> None:
    output, out, err = console("json")
    with pytest.raises(ChecksFailed) as caught:
        _tell(output, 3, some())
    output.failure(caught.value)
    document = json.loads(out.getvalue())
    assert [finding["code"] for finding in document["findings"]] == ["gitignored", "second-main", "entry-missing"]
    assert (document["files"], document["exit_code"], document["error"]) == (3, 1, "ChecksFailed")
    assert "T002 structure  " not in err.getvalue()
