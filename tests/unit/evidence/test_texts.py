"""The same evidence for a CI job's page, for a terminal, and in words."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from deploy.evidence.markdown import summary
from deploy.evidence.phrases import cell, clipped, duration, headline, moment, next_command, size, slowest
from deploy.evidence.terminal import shown
from deploy.proof import Proof
from tests.specification import TASKS
from tests.unit.evidence.samples import HOSTILE, evidence, proofs, troubled

MARKDOWN = MarkdownIt("commonmark", {"html": True}).enable("table")


# Markdown ------------------------------------------------------------------------------------------------


def test_a_good_day_is_short() -> None:
    text = summary(evidence())
    assert text.splitlines()[0] == "## ✅ 35 of 35 tasks proved"
    assert text.splitlines()[2] == (
        "**local/tasks** (local): deployed, revision 3b18e512dba7, commit 0c292e62feda, source 65095eb2c1f0, "
        "22 November 2026, 20:15 UTC, 3 min 12 s, 20261122T201530Z-1f9c2b7a"
    )
    assert "| Setup | 3 of 3 | ✅ T001 ✅ T002 ✅ T003 |" in text
    assert "| stable | 41 s |" in text
    assert "Failed" not in text
    assert len(text.splitlines()) < 30


def test_every_task_and_phase_is_in_it() -> None:
    text = summary(troubled())
    assert [task.id for task in TASKS if task.id not in text] == []
    assert [name for name in troubled().phases if name not in text] == []
    assert "✅ T015 ❌ T016 ✅ T017" in text
    assert "➖ T024 ❌ T025" in text


def test_failures_say_asked_seen_and_next() -> None:
    row = next(line for line in summary(troubled()).splitlines() if line.startswith("| T016"))
    assert row.endswith("answered 500 | invoke verify --to local |")
    assert "| T024 load | the app did not answer |" in summary(troubled())


def test_no_value_means_anything_to_markdown() -> None:
    nasty = f"{HOSTILE}\n| a | b |\n# x\n[l](http://evil.example) @you <b>b</b> **b** `c` ~~d~~ $e$"
    wicked = Proof(check="logs", verdict="failed", asked=nasty, seen=nasty)
    other = Proof(check=nasty, verdict="failed", asked="", seen="", seconds=99)
    text = summary(evidence(proofs=(*proofs(logs=wicked), other), space=nasty, verdict=nasty))
    html = MARKDOWN.render(text)
    for mark in ("<img", "<a ", "<b>", "<code>", "<h1", "<script"):
        assert mark not in html
    assert html.count("<strong>") == 1
    columns = {line.count("|") for line in text.splitlines() if line.startswith("| T0") and "**" not in line}
    assert columns == {5}


def test_long_values_are_cut() -> None:
    long = Proof(check="logs", verdict="failed", asked="a " * 9000, seen="b " * 9000)
    whole = evidence(proofs=proofs(logs=long))
    assert len(summary(whole)) < 4000
    assert len(shown(whole, {}).splitlines()) < 40


# Terminal ------------------------------------------------------------------------------------------------


def test_a_line_a_phase_and_where_the_files_are() -> None:
    lines = shown(evidence(), {"report": Path("a/report.html")}).splitlines()
    assert lines[0] == "  local/tasks · local · 20261122T201530Z-1f9c2b7a · deployed"
    assert "  4 US2, the deployment   5 of 5  ✓ ✓ ✓ ✓ ✓" in lines
    assert "  35 of 35 tasks proved, in 3 min 12 s" in lines
    assert lines[-1] == "  report   a/report.html"


def test_failures_and_omissions_are_told_within_80_columns_and_without_control_characters() -> None:
    text = shown(replace(troubled(), space="x" * 200, verdict="y " * 99), {})
    assert "  ✗ T016 endpoints\n    asked  each of 10 operations" in text
    assert "    first  DELETE /api/v1/tasks/{task_id}: 500, want 204" in text
    assert "    next   invoke verify --to local" in text
    assert "  – T024  load: the app did not answer" in text
    assert max(map(len, text.splitlines())) <= 80
    assert "\x1b" not in text


def test_a_check_of_no_task_is_told_by_its_name() -> None:
    failed = Proof(check="GET /x", verdict="failed", asked="GET /x is 200", seen="500")
    assert "  ✗ GET /x\n" in shown(evidence(proofs=(*proofs(), failed)), {})


# Words ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        *[(0.0, "0.0 s"), (0.44, "0.4 s"), (9.94, "9.9 s"), (9.96, "10 s"), (59.4, "59 s"), (59.6, "1 min")],
        *[(192.0, "3 min 12 s"), (3599.9, "1 h"), (3900.0, "1 h 5 min")],
    ],
)
def test_durations(seconds: float, said: str) -> None:
    assert duration(seconds) == said


def test_moments_are_told_in_utc() -> None:
    there = datetime.fromisoformat("2026-01-02T01:05:00+02:00")
    assert moment(there) == "1 January 2026, 23:05 UTC"
    assert moment(datetime(2026, 11, 22, 9, 5, tzinfo=UTC)) == "22 November 2026, 09:05 UTC"


def test_values_of_cells() -> None:
    assert [cell(value) for value in (None, 3, 3.0, 2.5, 1 / 3, 1e20, "x")] == [
        "",
        "3",
        "3",
        "2.5",
        "0.333",
        "1e+20",
        "x",
    ]


def test_sizes_and_cuts() -> None:
    assert [size(count) for count in (10, 812_400, 1_440_000)] == ["1 kB", "812 kB", "1.4 MB"]
    assert clipped("a  b\nc", 20) == "a b c"
    assert clipped("abcdefgh", 6) == "abcd …"


def test_the_headline_counts_tasks() -> None:
    assert headline(evidence()) == "35 of 35 tasks proved"
    assert headline(troubled()) == "31 of 35 tasks proved, 2 failed, 2 not run"


def test_the_next_command_runs_the_check_again() -> None:
    commands = [next_command(check, "staging") for check in ("entry", "boot", "endpoints", "build", "GET /")]
    assert commands == [
        "invoke check",
        "invoke smoke",
        "invoke verify --to staging",
        "invoke deploy --to staging",
        "invoke verify --to staging",
    ]


def test_the_slowest_come_first() -> None:
    assert [proof.check for proof in slowest(evidence(), 3)] == ["stable", "load", "endpoints"]
