"""What a person, a CI log and a program read while a command runs."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from io import StringIO
from pathlib import Path

import pytest

from deploy.console import Console, Step, StepRecord
from deploy.errors import ConfirmationNeeded, DeployError, SmokeFailed
from deploy.secret import MASK
from tests.unit.ground.builders import Mode, Recorded, Terminal

SECRET = 'key%1:2,3\n"line two"'
ERROR = SmokeFailed("It does not serve.", cause="100% sure: the port", next_step="invoke smoke", details=("a", "b"))


def perform(console: Console) -> None:
    """One of each thing that a command does."""
    with console.step("build") as step:
        step.line("#1 [internal] load")
        step.note("1 layer")
    with console.step("rehearsal") as step:
        step.skip("no engine")
    with console.step("verify") as step:
        step.fail("GET / is 200; seen: 500")
    console.say("  a line")
    console.warn("50% odd,\nand two lines")
    console.annotate("warning", "hard-coded, port", file="app:main.py", line=3, title="SW1: port")
    with pytest.raises(SmokeFailed), console.step("smoke"):
        raise ERROR
    console.failure(ERROR)


HUMAN = """\
  ✓ build       1 layer  1.5 s
  – rehearsal   no engine  1.5 s
  ✗ verify      GET / is 200; seen: 500  1.5 s
  a line
  ! 50% odd,
and two lines
  ✗ smoke       It does not serve.  1.5 s
error: It does not serve.
  cause: 100% sure: the port
  next:  invoke smoke
  | a
  | b
"""
GITHUB = """\
::group::build
#1 [internal] load
::endgroup::
  ✓ build       1 layer  1.5 s
::group::rehearsal
::endgroup::
  – rehearsal   no engine  1.5 s
::group::verify
::endgroup::
  ✗ verify      GET / is 200; seen: 500  1.5 s
  a line
::warning::50%25 odd,%0Aand two lines
::warning file=app%3Amain.py,line=3,title=SW1%3A port::hard-coded, port
::group::smoke
::endgroup::
  ✗ smoke       It does not serve.  1.5 s
::error title=It does not serve.::It does not serve.%0A  cause: 100%25 sure: the port%0A  next:  invoke smoke\
%0A  | a%0A  | b
error: It does not serve.
  cause: 100% sure: the port
  next:  invoke smoke
  | a
  | b
"""


def test_a_person_reads_one_line_a_step() -> None:
    recorded = Recorded("human")
    perform(recorded.console)
    assert recorded.out.getvalue() == HUMAN
    assert recorded.err.getvalue() == ""


def test_a_ci_log_has_groups_and_annotations() -> None:
    recorded = Recorded("github")
    perform(recorded.console)
    assert recorded.out.getvalue() == GITHUB


def test_a_program_reads_one_document_and_a_person_the_talk_beside_it() -> None:
    recorded = Recorded("json")
    perform(recorded.console)
    assert recorded.err.getvalue() == HUMAN
    assert json.loads(recorded.out.getvalue()) == {
        "error": "SmokeFailed",
        "exit_code": 22,
        "what": "It does not serve.",
        "cause": "100% sure: the port",
        "next": "invoke smoke",
        "details": ["a", "b"],
    }


def test_steps_are_kept_with_their_outcome_and_time() -> None:
    recorded = Recorded("json")
    perform(recorded.console)
    assert recorded.console.steps == (
        StepRecord(name="build", seconds=1.5, outcome="ok", note="1 layer"),
        StepRecord(name="rehearsal", seconds=1.5, outcome="skipped", note="no engine"),
        StepRecord(name="verify", seconds=1.5, outcome="failed", note="GET / is 200; seen: 500"),
        StepRecord(name="smoke", seconds=1.5, outcome="failed", note="It does not serve."),
    )


def broken_off(step: Step, error: BaseException, *, note: str = "", line: str = "") -> None:
    step.note(note)
    step.line(line)
    raise error


# Steps that end badly ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("error", "outcome", "note"),
    [
        (DeployError("It broke.", cause="a reason"), "failed", "It broke."),
        (ValueError("inner words"), "failed", "ValueError"),
        (KeyboardInterrupt(), "interrupted", "stopped"),
        (SystemExit(3), "interrupted", "stopped"),
    ],
    ids=["ours", "other", "Ctrl-C", "exit"],
)
def test_a_step_that_is_broken_off_says_so_and_lets_the_error_pass(
    error: BaseException, outcome: str, note: str
) -> None:
    recorded = Recorded()
    with pytest.raises(type(error)) as caught, recorded.console.step("wait"):
        raise error
    assert caught.value is error
    (step,) = recorded.console.steps
    assert (step.outcome, step.note) == (outcome, note)
    assert recorded.said == f"  ✗ wait        {note}  1.5 s\n"


def test_a_step_that_is_interrupted_keeps_what_was_noted() -> None:
    recorded = Recorded()
    with pytest.raises(KeyboardInterrupt), recorded.console.step("wait") as step:
        broken_off(step, KeyboardInterrupt(), note="at BUILDING")
    assert recorded.console.steps[0].note == "at BUILDING"


# A terminal ----------------------------------------------------------------------------------------------


def test_on_a_terminal_the_log_of_a_step_replaces_itself() -> None:
    recorded = Recorded("human", terminal=True, env={"NO_COLOR": "1"})
    with recorded.console.step("build") as step:
        step.line("first\tline")
        step.line("x" * 500)
    clear = "\r\x1b[2K"
    start, first, second, last = recorded.said.removeprefix(clear).split(clear)
    assert start.rstrip() == "  · build"
    assert first == "  · build       first line"
    assert len(second) < 500
    assert last == "  ✓ build         1.5 s\n"


def test_colours_are_for_terminals_that_want_them() -> None:
    for terminal, env, coloured in ((True, {}, True), (True, {"NO_COLOR": ""}, False), (False, {}, False)):
        recorded = Recorded("human", terminal=terminal, env=env)
        recorded.console.warn("odd")
        assert ("\x1b[33m" in recorded.said) is coloured


# Asking --------------------------------------------------------------------------------------------------


def never(question: str) -> str:
    raise AssertionError(f"asked: {question}")


def test_without_a_terminal_nobody_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", StringIO("y\n"))
    with pytest.raises(ConfirmationNeeded, match=r"Change it\? Nobody is here to answer\.") as caught:
        Recorded("human", ask=never).console.confirm("Change it?")
    assert "--yes" in str(caught.value.next_step)


@pytest.mark.parametrize("mode", ["json", "github"])
def test_a_program_is_not_asked_on_a_terminal_either(mode: Mode, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", Terminal("y\n"))
    with pytest.raises(ConfirmationNeeded):
        Recorded(mode, ask=never).console.confirm("Change it?")


@pytest.mark.parametrize("answer", ["y", "Y", " yes "])
def test_yes_goes_on(answer: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", Terminal())
    Recorded("human", ask={"Change it? [y/N] ": answer}.__getitem__).console.confirm("Change it?")


def end_of_input(question: str) -> str:
    raise EOFError


@pytest.mark.parametrize(
    "ask", [lambda _: "", lambda _: "n", lambda _: "yess", end_of_input], ids=["nothing", "no", "a slip", "Ctrl-D"]
)
def test_everything_else_is_a_no(ask: Callable[[str], str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", Terminal())
    with pytest.raises(ConfirmationNeeded, match="the answer was no"):
        Recorded("human", ask=ask).console.confirm("Change it?")


# Data ----------------------------------------------------------------------------------------------------


def test_the_outcome_is_text_for_a_person_and_a_document_for_a_program() -> None:
    human, program = Recorded("human"), Recorded("json")
    for recorded in (human, program):
        recorded.console.result({"space": "ns/näme", "path": Path("a"), "rows": (1, None, True, 2.5)}, "It serves.")
    assert human.out.getvalue() == "It serves.\n"
    assert json.loads(program.out.getvalue()) == {"space": "ns/näme", "path": "a", "rows": [1, None, True, 2.5]}
    assert "ns/näme" in program.out.getvalue()


def test_no_text_is_no_empty_line() -> None:
    recorded = Recorded("human")
    recorded.console.result({"a": 1})
    assert recorded.out.getvalue() == ""


def test_summaries_are_appended_and_outputs_set_where_ci_keeps_them(tmp_path: Path) -> None:
    files = {"GITHUB_STEP_SUMMARY": str(tmp_path / "summary"), "GITHUB_OUTPUT": str(tmp_path / "output")}
    console = Recorded("github", env=files, secrets=("swordfish",)).console
    console.summary("### One\n\n")
    console.summary("swordfish → two")
    console.output("url", "https://a.example\nspace=evil/one")
    console.output("empty", "")
    console.output("key", "swordfish")
    assert (tmp_path / "summary").read_text(encoding="utf-8") == f"### One\n{MASK} → two\n"
    assert (tmp_path / "output").read_text(encoding="utf-8") == f"url=https://a.example\nempty=\nkey={MASK}\n"


def test_without_ci_there_is_nowhere_to_keep_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    console = Recorded("github", env={"GITHUB_STEP_SUMMARY": "", "GITHUB_OUTPUT": ""}).console
    console.summary("text")
    console.output("url", "x")
    assert list(tmp_path.iterdir()) == []


# What must not get through -------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", ["human", "json", "github"])
def test_a_secret_is_masked_wherever_it_is_said(mode: Mode, tmp_path: Path) -> None:
    env = {"GITHUB_STEP_SUMMARY": str(tmp_path / "summary"), "GITHUB_OUTPUT": str(tmp_path / "output")}
    recorded = Recorded(mode, terminal=True, env=env, secrets=(SECRET,))
    console = recorded.console
    with pytest.raises(DeployError), console.step("build") as step:
        broken_off(step, DeployError(SECRET), line=SECRET)
    console.say(SECRET)
    console.warn(f"in {SECRET} between")
    console.annotate("error", SECRET, file=SECRET, title=SECRET)
    console.result({"key": SECRET, "nested": [{"deep": SECRET}]}, SECRET)
    console.data(SECRET)
    console.failure(DeployError(SECRET, cause=SECRET, next_step=SECRET, details=(SECRET,)))
    console.summary(SECRET)
    console.output("key", SECRET)
    written = [recorded.out.getvalue(), recorded.err.getvalue(), console.steps[0].note]
    written += [Path(path).read_text() for path in env.values()]
    assert MASK in "".join(written)
    for text in written:
        assert "line two" not in text
        assert "key%" not in text


def test_a_secret_that_reads_like_json_leaves_the_document_one() -> None:
    recorded = Recorded("json", secrets=("true", "null", "1234", "changed"))
    recorded.console.result({"changed": True, "seconds": 1234, "image": None, "value": "1234"})
    assert json.loads(recorded.out.getvalue()) == {"changed": True, "seconds": 1234, "image": None, "value": MASK}


LOG_LINES = ["::error::forged", "  ::stop-commands::x", "##[group]forged", "a ##[error]forged"]


@pytest.mark.parametrize("line", LOG_LINES)
def test_a_log_cannot_give_ci_commands(line: str) -> None:
    recorded = Recorded("github")
    with recorded.console.step("build") as step:
        step.line(line)
    recorded.console.data(line)
    said = [text for text in recorded.said.splitlines() if text not in {"::group::build", "::endgroup::"}]
    assert len(said) == 3
    assert not any(text.lstrip().startswith("::") or "##[" in text for text in said)


def test_the_next_command_is_named_as_it_was_typed() -> None:
    recorded = Recorded("human", env={"SPACEWRIGHT_COMMAND": "./dev"})
    recorded.console.failure(
        DeployError("It invoked nothing.", next_step="invoke --help status; invoke secrets.sync --to x")
    )
    assert recorded.said == "error: It invoked nothing.\n  next:  ./dev --help status; ./dev secrets.sync --to x\n"
