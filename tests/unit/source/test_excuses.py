"""`[check] allow`: findings that a project lives with, and those that none may."""

from __future__ import annotations

import io
import json

import pytest

from deploy.config import Excuse
from deploy.console import Console
from deploy.secret import Redactor, Secret
from deploy.source.checks import Finding, run_checks
from deploy.source.telling import table, tally
from deploy.source.tree import read_tree
from deploy.tasks.check import _tell
from tests.unit.source.backends import APP, CMD_LINE, PLACEHOLDER, backend, dockerfile, made_up, starting
from tests.unit.source.conftest import Make, said

KEY = made_up(40)
WITH_KEY = backend({"main.py": f"{APP}SESSION_SECRET = '{KEY}'\n"})
FIXED = starting("exec uvicorn main:app --host 127.0.0.1 --port ${PORT:-7860}")


def levels(findings: tuple[Finding, ...]) -> list[tuple[str, str]]:
    return [(finding.code, finding.level) for finding in findings]


@pytest.mark.parametrize(
    ("files", "excuse"),
    [
        (WITH_KEY, "secret-literal:backend/main.py because it signs nothing but tests"),
        (WITH_KEY, "secret-literal:backend/* because it signs nothing but tests"),
        (FIXED, "loopback because a proxy of the base image stands before it"),
    ],
)
def test_what_is_allowed_stops_nothing_and_is_told_with_its_reason(
    project: Make, files: dict[str, str], excuse: str
) -> None:
    before, after = project(files).check(), project(files, allow=(excuse,)).check()
    reason = excuse.partition(" because ")[2]
    assert [finding.level for finding in before] == ["error"]
    assert [(finding.level, finding.excused) for finding in after] == [("excused", reason)]
    assert (f"[{after[0].code}]" in table(after), reason in table(after)) == (True, True)
    assert tally(3, after) == "3 files, 0 errors, 0 warnings, 1 excused"


def test_a_document_has_what_is_excused_and_why_and_the_command_ends_well(project: Make) -> None:
    made, out = project(WITH_KEY, allow=("secret-literal because it is a test key",)), io.StringIO()
    _tell(Console("json", out=out, err=io.StringIO()), 4, made.check())
    (finding,) = json.loads(out.getvalue())["findings"]
    assert (finding["level"], finding["excused"]) == ("excused", "it is a test key")


@pytest.mark.parametrize(
    "excuse", ["secret-literal:backend/other.py because x", "secret-fallback:backend/main.py because x"]
)
def test_another_file_or_code_is_not_excused_and_an_excuse_for_nothing_warns(project: Make, excuse: str) -> None:
    found = project(WITH_KEY, allow=(excuse,)).check()
    assert sorted(levels(found)) == [("excuse-unused", "warning"), ("secret-literal", "error")]
    assert excuse in next(finding.what for finding in found if finding.code == "excuse-unused")


def test_an_unused_excuse_is_an_error_where_warnings_are(project: Make) -> None:
    assert levels(project(backend(), strict=True, allow=("loopback because x",)).check()) == [
        ("excuse-unused", "error")
    ]


@pytest.mark.parametrize(
    ("files", "code", "place"),
    [
        (WITH_KEY, "secret-literal", "backend/main.py:4"),
        (backend({"Dockerfile": dockerfile(middle=f"ENV SESSION_SECRET={KEY}\n")}), "secret-in-image", CMD_LINE),
    ],
)
def test_the_value_of_a_secret_that_is_known_is_never_excused(
    project: Make, files: dict[str, str], code: str, place: str
) -> None:
    made = project(files, allow=(f"{code} because nobody looks",))
    tree = read_tree(made.folder)
    known = run_checks(made.config, tree, Redactor([Secret(KEY)]))
    assert (known[0].code, known[0].level, known[0].place) == (code, "error", place)
    assert "which nothing in deploy.toml excuses" in known[0].what
    other = run_checks(made.config, tree, Redactor([Secret(made_up(30))]))
    assert [finding.level for finding in other] == ["excused"]


def test_a_placeholder_is_excused_as_well_as_an_error(project: Make) -> None:
    made = project(backend({"main.py": APP + PLACEHOLDER}), allow=("secret-placeholder because it is replaced",))
    assert [place for _, _, place, level in said(made.check()) if level == "excused"] == ["backend/main.py:4"]


@pytest.mark.parametrize("text", ["loopback", "loopback:x", "loopback because", "LOOPBACK because x", "a:\n because x"])
def test_an_excuse_without_its_parts_is_none(text: str) -> None:
    with pytest.raises(ValueError, match="because <reason>"):
        Excuse.parse(text)
