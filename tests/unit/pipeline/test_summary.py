"""How a run ended is said in words that fit a terminal, and in Markdown that a log cannot break."""

from __future__ import annotations

import json
import re

import pytest

from deploy.console import Step
from deploy.errors import (
    DeployError,
    HubRefused,
    Interrupted,
    ReleaseFailed,
    RollbackFailed,
    RolledBack,
    Unconfirmed,
)
from deploy.pipeline.ending import Ending
from deploy.pipeline.run import Run
from deploy.pipeline.summary import headline, last_lines, summary
from deploy.space.changes import SetVariable
from tests.unit.pipeline.builders import Story

REVISION, SERVING = "1" * 40, "2" * 40


@pytest.fixture
def run(story: Story) -> Run:
    run = story.run()
    run.revision, run.serving, run.url = REVISION, SERVING, "https://app.example"
    return run


def ending(word: str) -> Ending:
    return next(ending for ending in Ending if ending == word)


TEXTS = {
    "deployed": "Deployed revision 111111111111 to owner/tasks.",
    "unchanged": "Nothing to do: owner/tasks serves revision 111111111111.",
    "pushed": "Pushed revision 111111111111 to owner/tasks; it was not waited for.",
    "synced": "The settings of owner/tasks are as declared.",
    "rotated": "The secret was rotated and owner/tasks serves.",
    "rolled_back": "owner/tasks serves revision 222222222222 again.",
    "joined": "Took part in the load on owner/tasks; the machine that was joined has the figures.",
    "loaded": "owner/tasks bears the declared load.",
    "verified": "owner/tasks serves, and every check passed.",
}


@pytest.mark.parametrize(("word", "text"), TEXTS.items(), ids=TEXTS.keys())
def test_a_good_end_is_a_sentence_and_the_addresses(run: Run, word: str, text: str) -> None:
    run.end(ending(word))
    assert last_lines(run).splitlines() == [
        "",
        text,
        "  app   https://app.example",
        "  page  https://hub.example/spaces/owner/tasks",
    ]


def test_a_plan_has_no_address(run: Run) -> None:
    run.end(Ending.PLANNED)
    assert last_lines(run) == "\nPlanned; nothing was changed."


def test_a_revision_that_is_not_known_is_said_to_be_unknown(run: Run) -> None:
    run.end(Ending.ROLLED_BACK)
    run.serving = ""
    assert "serves revision unknown again" in last_lines(run)


def test_what_was_not_rehearsed_is_told_when_something_was_written(run: Run) -> None:
    run.end(Ending.DEPLOYED)
    run.not_rehearsed = ["image build", "boot"]
    assert "not rehearsed" not in last_lines(run)
    run.journal.written.append(SetVariable(name="A", value="1", old=None))
    assert last_lines(run).splitlines()[-1] == "  not rehearsed here: image build, boot"


def with_steps(run: Run) -> None:
    with run.console.step("build") as step:
        step.note("2 layers")
    with run.console.step("verify") as step:
        failed(step)


def failed(step: Step) -> None:
    step.fail("GET /a|b is 200\nseen: 500")


def test_a_summary_is_a_table_of_facts_and_one_of_steps(run: Run) -> None:
    with_steps(run)
    run.end(Ending.DEPLOYED)
    run.source_sha, run.commit = "3" * 40, "4" * 40
    assert summary(run, None).splitlines() == [
        "### ✅ Deployed revision 111111111111 to owner/tasks.",
        "",
        "| | |",
        "|---|---|",
        "| Space | [owner/tasks](https://hub.example/spaces/owner/tasks) |",
        "| App | https://app.example |",
        f"| Revision | `{REVISION}` |",
        f"| Source | `{'3' * 40}` |",
        f"| Commit | `{'4' * 40}` |",
        "| Verdict | deployed |",
        "",
        "| Step | Outcome | Seconds | |",
        "|---|---|---:|---|",
        "| build | ok | 1.5 | 2 layers |",
        r"| verify | failed | 1.5 | GET /a\|b is 200 seen: 500 |",
    ]


def test_a_summary_of_a_failure_ends_with_its_message(run: Run) -> None:
    run.end(Ending.ROLLED_BACK)
    error = RolledBack("It failed.", cause="why", details=("a line",))
    lines = summary(run, error).splitlines()
    assert lines[0] == "### ❌ It failed."
    assert lines[-5:] == ["```text", "It failed.", "  cause: why", "  | a line", "```"]


@pytest.mark.parametrize("fence", ["```", "~~~", "`````", "a ``` b"])
def test_a_log_cannot_leave_its_block(run: Run, fence: str) -> None:
    run.end(Ending.ROLLED_BACK)
    text = summary(run, RolledBack("It failed.", details=(f"a\n{fence}\n# A headline",)))
    opening = next(line for line in text.splitlines() if re.fullmatch("`+text", line)).removesuffix("text")
    inside, after = text.split(f"{opening}text", 1)[1].rsplit(opening, 1)
    assert opening not in inside
    assert after == ""


def test_a_headline_is_one_line(run: Run) -> None:
    run.end(Ending.ROLLED_BACK)
    assert summary(run, RolledBack("It failed:\n| x |")).splitlines()[:2] == ["### ❌ It failed: | x |", ""]


# The set of endings --------------------------------------------------------------------------------------


@pytest.mark.parametrize("ending", Ending)
def test_every_ending_has_a_headline_that_can_be_said(run: Run, ending: Ending) -> None:
    run.end(ending)
    assert "{" not in headline(run)
    assert headline(run).endswith(".")
    assert json.loads(json.dumps(run.document()))["verdict"] == str(ending)


@pytest.mark.parametrize(
    ("error", "expected"),
    [(RolledBack("x"), Ending.ROLLED_BACK), (RollbackFailed("x"), Ending.ROLLBACK_FAILED),
     (Unconfirmed("x"), Ending.UNCONFIRMED), (Interrupted("x"), Ending.INTERRUPTED),
     (ReleaseFailed("x"), Ending.FAILED), (HubRefused("x"), Ending.FAILED)],
)  # fmt: skip
def test_an_error_stands_for_its_ending(error: DeployError, expected: Ending) -> None:
    assert Ending.of(error) is expected


def test_how_it_ended_is_said_once(run: Run) -> None:
    assert run.ended is None
    run.end(Ending.ROLLED_BACK)
    run.end(Ending.INTERRUPTED)
    assert run.verdict is Ending.ROLLED_BACK
    assert run.rolled_back
