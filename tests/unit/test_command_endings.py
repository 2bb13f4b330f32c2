"""How a command ends that does not end well: one message, one exit code, and never a traceback."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from typing import Any

import pytest
from invoke.context import Context
from invoke.exceptions import Exit

from deploy.errors import Conflict, DeployError, Interrupted
from deploy.tasks.base import DeployTask, finish


@pytest.fixture(autouse=True)
def _own_handler() -> Iterator[None]:
    """A command sets the process's handler of SIGTERM."""
    before = signal.getsignal(signal.SIGTERM)
    yield
    signal.signal(signal.SIGTERM, before)


def ending(error: BaseException) -> int:
    """The exit code of a command whose body raises it."""

    def body(_: Any) -> None:
        raise error

    with pytest.raises(Exit) as ended:
        DeployTask(body)(Context())
    return ended.value.code


def told(capsys: pytest.CaptureFixture[str]) -> str:
    return "".join(capsys.readouterr())


def test_an_error_has_the_code_of_its_class_and_says_what_next(capsys: pytest.CaptureFixture[str]) -> None:
    assert ending(Conflict("It moved.", cause="somebody else", next_step="run it again")) == Conflict.exit_code
    assert "It moved." in told(capsys)


def test_ctrl_c_is_no_success(capsys: pytest.CaptureFixture[str]) -> None:
    assert ending(KeyboardInterrupt()) == Interrupted.exit_code
    assert "Stopped" in told(capsys)


def test_a_defect_is_told_as_one_and_is_no_success(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SPACEWRIGHT_DEBUG", raising=False)
    assert ending(ZeroDivisionError("division by zero")) == 70
    said = told(capsys)
    assert "ZeroDivisionError: division by zero" in said
    assert "SPACEWRIGHT_DEBUG=1" in said
    assert "Traceback" not in said


def test_who_looks_for_a_defect_sees_where_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPACEWRIGHT_DEBUG", "1")

    def body(_: Any) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        DeployTask(body)(Context())


def test_what_a_command_starts_asks_loopback_by_no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example:3128")
    monkeypatch.setenv("NO_PROXY", "hub.example")
    monkeypatch.setenv("no_proxy", "")
    seen: list[list[str]] = []

    def body(_: Any) -> None:
        seen.append([os.environ["NO_PROXY"], os.environ["no_proxy"]])

    DeployTask(body)(Context())
    [[upper, lower]] = seen
    assert upper == lower
    assert {"hub.example", "127.0.0.1", "localhost", "::1"} <= set(upper.split(","))


@pytest.mark.parametrize("code", [2, 18])
def test_a_difference_has_its_code_and_no_message(code: int, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(Exit) as ended:
        finish(code)
    assert (ended.value.code, told(capsys)) == (code, "")
    finish(0)


def test_every_error_has_a_code_that_is_neither_success_nor_a_defects() -> None:
    kinds, codes = [DeployError], set()
    while kinds:
        kind = kinds.pop()
        kinds += kind.__subclasses__()
        codes.add(kind.exit_code)
    assert not codes & {0, 70}
