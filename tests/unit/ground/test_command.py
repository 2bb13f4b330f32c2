"""Programs are run to their end, or ended with all that they started."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from deploy.command import TAIL_LINES, Command, Stop, end_group, run
from deploy.errors import CommandFailed
from deploy.secret import MASK, Secret

FAR_TOO_LONG = "60"
"""Seconds: a program that runs for this long was not ended by the test that started it."""


def shell(script: str, **options: object) -> Command:
    return Command(argv=("sh", "-c", script), **options)  # type: ignore[arg-type]


def python(script: str, **options: object) -> Command:
    return Command(argv=(sys.executable, "-ISc", script), **options)  # type: ignore[arg-type]


def is_gone(pid: int) -> bool:
    """Ended; a zombie counts, as nobody may be there to ask for its exit code."""
    states = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False).stdout
    return states.strip()[:1] in {"", "Z"}


def await_gone(pid: int, seconds: float = 5.0) -> None:
    deadline = time.monotonic() + seconds
    while not is_gone(pid):
        assert time.monotonic() < deadline, f"process {pid} still runs"
        time.sleep(0.01)


# Output --------------------------------------------------------------------------------------------------


def test_lines_are_handed_over_while_the_program_runs(tmp_path: Path) -> None:
    go_on = tmp_path / "go-on"
    seen: list[str] = []

    def on_line(line: str) -> None:
        seen.append(line)
        go_on.touch()

    run(shell(f"echo first; while ! [ -e '{go_on}' ]; do sleep 0.01; done; echo second", timeout=10), on_line=on_line)
    assert seen == ["first", "second"]


def test_both_streams_come_in_the_order_they_were_written() -> None:
    assert run(shell("echo one; echo two >&2; echo three")).output == "one\ntwo\nthree"


def test_a_last_line_without_an_end_and_carriage_returns_are_lines() -> None:
    seen: list[str] = []
    run(shell(r"printf '10%%\r100%%\r\nlast'"), on_line=seen.append)
    assert seen == ["10%", "100%", "last"]


def test_output_that_is_not_utf_8_is_shown_as_far_as_it_can_be() -> None:
    assert run(shell(r"printf 'caf\351 \377'")).output == "caf� �"


def test_nothing_is_read_from_the_terminal() -> None:
    assert run(shell("cat; echo end", timeout=10)).output == "end"


def test_a_folder_and_a_whole_environment_may_be_given(tmp_path: Path) -> None:
    result = run(
        Command(
            argv=("/bin/sh", "-c", 'pwd -P; echo "$GREETING ${HOME:-no home}"'), cwd=tmp_path, env={"GREETING": "hi"}
        )
    )
    assert result.output.splitlines() == [str(tmp_path.resolve()), "hi no home"]


def test_without_one_the_environment_is_inherited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GREETING", "hello")
    assert run(shell('echo "$GREETING"')).output == "hello"


# How it ends ---------------------------------------------------------------------------------------------


def test_a_bad_end_is_an_error_with_the_code_and_the_last_lines() -> None:
    with pytest.raises(CommandFailed, match="sh ended with code 3") as caught:
        run(shell(f"seq 1 {TAIL_LINES + 5}; exit 3"))
    assert caught.value.details == tuple(str(number) for number in range(6, TAIL_LINES + 6))


def test_a_bad_end_is_a_result_for_who_asked_for_it() -> None:
    result = run(shell("echo out; exit 3"), check=False)
    assert (result.code, result.output, result.tail) == (3, "out", ("out",))
    assert result.seconds > 0


@pytest.mark.parametrize("check", [True, False])
def test_a_program_that_is_not_there_is_named(check: bool) -> None:
    with pytest.raises(CommandFailed, match="no-such-program could not be started") as caught:
        run(Command(argv=("no-such-program", "--flag")), check=check)
    assert "no-such-program is not there" in str(caught.value.cause)


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(CommandFailed) as caught:
        run(shell("true", cwd=tmp_path / "missing"))
    assert str(tmp_path / "missing") in str(caught.value.cause)


@pytest.mark.parametrize(
    ("mode", "body"), [(0o644, "#!/bin/sh\n"), (0o755, "no program\0\1\2")], ids=["mode", "format"]
)
def test_a_file_that_cannot_be_run_is_one_error(tmp_path: Path, mode: int, body: str) -> None:
    file = tmp_path / "program"
    file.write_text(body)
    file.chmod(mode)
    with pytest.raises(CommandFailed, match="program could not be started"):
        run(Command(argv=(str(file),)))


# Timeout and interrupt -----------------------------------------------------------------------------------


@pytest.fixture
def over_at_the_first_line(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Lets the time of a command be over when it has said something, however long the machine takes to start it."""
    over: list[Callable[[], None]] = []

    class Timer:
        def __init__(self, _seconds: float, expire: Callable[[], None]) -> None:
            over.append(expire)

        def start(self) -> None:
            """Time passes when the program has spoken."""

        def cancel(self) -> None:
            over.clear()

    monkeypatch.setattr(threading, "Timer", Timer)
    return lambda _line: over[0]()


def test_a_timeout_ends_a_program_that_says_nothing() -> None:
    with pytest.raises(CommandFailed, match=r"sleep did not end within 0.1 s") as caught:
        run(Command(argv=("sleep", FAR_TOO_LONG), timeout=0.1))
    assert caught.value.details == ()


def test_a_timeout_ends_the_program_and_all_that_it_started(over_at_the_first_line: Callable[[str], None]) -> None:
    with pytest.raises(CommandFailed, match="did not end within") as caught:
        run(shell(f"sleep {FAR_TOO_LONG} & echo $! $$; wait", timeout=30), on_line=over_at_the_first_line)
    [pids] = caught.value.details
    for pid in pids.split():
        await_gone(int(pid))


def test_a_timeout_also_ends_what_outlived_the_program_itself(over_at_the_first_line: Callable[[str], None]) -> None:
    """The pipe stays open as long as anybody holds it: such a command would never return."""
    with pytest.raises(CommandFailed, match="did not end within") as caught:
        run(shell(f"sleep {FAR_TOO_LONG} & echo $!", timeout=30), on_line=over_at_the_first_line)
    [pid] = caught.value.details
    await_gone(int(pid))


def test_a_stop_ends_what_is_yet_to_start() -> None:
    stop = Stop()
    stop()
    assert run(Command(argv=("sleep", FAR_TOO_LONG)), check=False, stop=stop).code == -signal.SIGTERM


@pytest.mark.parametrize("timeout", [None, 30.0])
@pytest.mark.parametrize("interruption", [KeyboardInterrupt, RuntimeError])
def test_an_interruption_ends_the_program_and_all_that_it_started(
    interruption: type[BaseException], timeout: float | None
) -> None:
    pids: list[int] = []

    def on_line(line: str) -> None:
        pids.extend(int(pid) for pid in line.split())
        raise interruption

    started = time.monotonic()
    with pytest.raises(interruption):
        run(shell(f"sleep {FAR_TOO_LONG} & echo $$ $!; wait", timeout=timeout), on_line=on_line)
    assert time.monotonic() - started < float(FAR_TOO_LONG) / 2
    assert len(pids) == 2
    for pid in pids:
        await_gone(pid)


def test_an_interruption_while_input_is_still_being_written_stays_what_it_was() -> None:
    def on_line(line: str) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(shell(f"echo ready; sleep {FAR_TOO_LONG}", stdin="x" * 1_000_000), on_line=on_line)


def test_who_ignores_the_polite_signal_is_killed() -> None:
    script = f"sh -c 'trap \"\" TERM; echo $$; exec sleep {FAR_TOO_LONG}' & wait"
    with subprocess.Popen(["sh", "-c", script], stdout=subprocess.PIPE, text=True, start_new_session=True) as process:
        assert process.stdout is not None
        pid = int(process.stdout.readline())
        end_group(process, grace=5)
    await_gone(pid)


def test_nobody_is_waited_for_longer_than_the_grace() -> None:
    script = f"trap '' TERM; echo ready; sleep {FAR_TOO_LONG}"
    with subprocess.Popen(["sh", "-c", script], stdout=subprocess.PIPE, text=True, start_new_session=True) as process:
        assert process.stdout is not None
        process.stdout.readline()
        end_group(process, grace=0.05)
    assert process.returncode == -signal.SIGKILL


def test_a_program_that_ended_by_itself_leaves_its_children_alone() -> None:
    """A daemon that let go of the pipe is meant to stay."""
    pid = int(run(shell(f"sleep {FAR_TOO_LONG} >/dev/null 2>&1 & echo $!", timeout=10)).output)
    assert not is_gone(pid)
    os.kill(pid, 9)


# Input and secrets ---------------------------------------------------------------------------------------


def test_much_input_and_much_output_do_not_block_each_other() -> None:
    text = "0123456789abcdef\n" * 60_000
    assert run(Command(argv=("cat",), stdin=text, timeout=30)).output == text.rstrip("\n")


def test_a_program_may_end_without_reading_its_input() -> None:
    assert run(Command(argv=("true",), stdin="x" * 1_000_000)).code == 0


def test_secrets_reach_the_program_and_not_its_output() -> None:
    seen: list[str] = []
    command = python(
        "import os, sys; print(os.environ['KEY'] == 'key-value', sys.stdin.read() == 'in-value')\n"
        "print('key-value and in-value', os.environ['PLAIN'])",
        env={"KEY": Secret("key-value"), "PLAIN": "plain"},
        stdin=Secret("in-value"),
    )
    result = run(command, on_line=seen.append)
    assert seen == ["True True", f"{MASK} and {MASK} plain"]
    assert result.output == "\n".join(seen)


def test_secrets_are_in_no_error_and_no_repr() -> None:
    command = shell('echo "$KEY"; exit 1', env={"KEY": Secret("key-value")}, stdin=Secret("in-value"))
    with pytest.raises(CommandFailed) as caught:
        run(command)
    assert caught.value.details == (MASK,)
    assert "-value" not in repr(command)
