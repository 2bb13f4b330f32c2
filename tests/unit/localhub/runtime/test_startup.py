"""When an app counts as up, and what is said when it does not come up."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from deploy.localhub.runtime.builder import startup_seconds
from deploy.localhub.runtime.model import AttemptFailed, Exit, SpaceBuild, Superseded, Usage
from deploy.localhub.runtime.runner import Cancellation
from deploy.localhub.runtime.startup import answers, wait_until_answers
from tests.real.processes import free_port
from tests.unit.localhub.runtime.spaces import commit
from tests.unit.localhub.runtime.stand_ins import App


class Mute:
    """An app that runs, or ended, and never answers."""

    keeps_folder = True
    own_port = False

    def __init__(self, ended: Exit | None = None, silence: str = "") -> None:
        self._ended = ended
        self._silence = silence

    def ports(self) -> tuple[int, ...]:
        return (free_port(),)

    def exit(self) -> Exit | None:
        return self._ended

    def silence(self) -> str:
        return self._silence

    def usage(self) -> Usage:
        raise AssertionError("whoever waits for an answer does not ask what it uses")

    def stop(self, grace: float) -> None:
        """Nothing runs."""


def wait(instance: Mute, timeout: float = 60, tail: str = "") -> str:
    """The message of the failure; the clock goes 25 seconds a look."""
    with pytest.raises(AttemptFailed) as failure:
        wait_until_answers(
            instance,
            timeout=timeout,
            cancellation=Cancellation(),
            tail=lambda: tail,
            clock=itertools.count(0, 25).__next__,
        )
    assert failure.value.stage == "RUNTIME_ERROR"
    return failure.value.message


def test_an_app_that_never_answers_is_given_up_with_what_is_known() -> None:
    message = wait(Mute(silence="it listens on 8000"))
    assert message == "Launch timed out, workload was not healthy after 1 min: it listens on 8000"
    assert wait(Mute(), timeout=30) == "Launch timed out, workload was not healthy after 30 s"


def test_an_app_that_ended_is_given_up_with_its_last_words() -> None:
    assert wait(Mute(Exit(code=1)), tail="boom\n") == "Exit code: 1. Reason: boom"
    assert wait(Mute(Exit(code=137, reason="Memory limit exceeded"))) == "Exit code: 137. Reason: Memory limit exceeded"
    assert "wrote nothing" in wait(Mute(Exit(code=0)))


def test_whoever_is_cancelled_stops_waiting() -> None:
    cancellation = Cancellation()
    cancellation.cancel()
    with pytest.raises(Superseded):
        wait_until_answers(Mute(), timeout=60, cancellation=cancellation, tail=str)


def test_any_http_answer_counts(tmp_path: Path) -> None:
    app = App(SpaceBuild(space_id="a/b", commit=commit("a"), folder=tmp_path), print, lambda: None)
    port = app.ports()[0]
    assert answers(port)
    assert wait_until_answers(app, timeout=5, cancellation=Cancellation(), tail=str) == port
    app.stop(0)
    assert not answers(port)


@pytest.mark.parametrize(
    ("card", "seconds"),
    [
        ("---\nsdk: docker\nstartup_duration_timeout: 1h\n---\n", 3600),
        ("---\nsdk: docker\n---\n", 1800),
        ("no card at all", 1800),
        ("---\n: [\n---\n", 1800),
        (None, 1800),
    ],
)
def test_how_long_an_app_may_take_is_in_its_card(tmp_path: Path, card: str | None, seconds: float) -> None:
    if card is not None:
        (tmp_path / "README.md").write_text(card)
    assert startup_seconds(tmp_path) == seconds
