"""What commands hand on of what was typed, where only the whole suite on a Space would show it."""

from __future__ import annotations

from contextlib import nullcontext
from types import SimpleNamespace

import pytest

from deploy.pipeline.commands import load, verify
from deploy.tasks import space


@pytest.mark.parametrize("yes", [True, False])
def test_verify_puts_load_on_a_protected_target_after_a_yes_only(yes: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    run, verified = SimpleNamespace(said_yes=None), []
    monkeypatch.setattr(space, "session", lambda to: to)
    monkeypatch.setattr(space, "open_run", lambda _session: run)
    monkeypatch.setattr(space, "reported", nullcontext)
    monkeypatch.setattr(verify, "verify", lambda asked: verified.append(asked.said_yes))

    space.verify.body(None, yes=yes)

    assert verified == [yes]


@pytest.mark.parametrize("yes", [True, False])
@pytest.mark.parametrize("join", ["", "127.0.0.1:5557"])
def test_load_is_put_on_or_joined_with_the_yes_that_was_said(
    yes: bool, join: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[object] = []
    monkeypatch.setattr(space, "session", lambda to: to)
    monkeypatch.setattr(space, "open_run", lambda _session: "run")
    monkeypatch.setattr(space, "reported", nullcontext)
    monkeypatch.setattr(load, "put_load", lambda *asked, yes: done.append((*asked, yes)))
    monkeypatch.setattr(load, "join_load", lambda *asked, yes: done.append((*asked, yes)))

    space.load.body(None, join=join, yes=yes)

    assert done == [("run", join, yes) if join else ("run", yes)]
