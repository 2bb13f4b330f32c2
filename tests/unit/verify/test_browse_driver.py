"""A walk that the machine's network interrupted is begun again, and for nothing else."""

from __future__ import annotations

import io
import json
from contextlib import nullcontext
from typing import Any

import pytest
from playwright.sync_api import Error

from deploy.verify.drivers import browse

CHANGED = "Page.goto: net::ERR_NETWORK_CHANGED at http://127.0.0.1:1/\nCall log: navigating"
GOOD = {"done": 6, "complaints": [], "files": []}


def walked(monkeypatch: pytest.MonkeyPatch, *walks: dict[str, Any] | Exception) -> tuple[dict[str, Any], int]:
    """What the driver writes when its walks go like this, one after another, and how many it made."""
    made = 0

    def fit(_browser: object, _asked: object) -> dict[str, Any]:
        nonlocal made
        made += 1
        walk = walks[min(made, len(walks)) - 1]
        if isinstance(walk, Exception):
            raise walk
        return walk

    written = io.StringIO()
    monkeypatch.setattr(browse, "fit", fit)
    monkeypatch.setattr(browse, "browsing", lambda _: nullcontext())
    monkeypatch.setattr("sys.stdin", io.StringIO(json.dumps({"what": "fit", "chromium": "chromium"})))
    monkeypatch.setattr("sys.stdout", written)
    browse.main()
    return json.loads(written.getvalue()), made


def test_it_is_begun_again_until_it_comes_through(monkeypatch: pytest.MonkeyPatch) -> None:
    halfway = {"done": 0, "complaints": ["the page: Failed to load resource: net::ERR_NETWORK_CHANGED"], "files": []}
    assert walked(monkeypatch, Error(CHANGED), halfway, GOOD) == (GOOD, 3)


def test_what_the_page_itself_does_wrong_is_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = {"done": 0, "complaints": ["the page: a script fails"], "files": []}
    assert walked(monkeypatch, wrong, GOOD) == (wrong, 1)


def test_a_page_that_does_not_come_is_no_interruption(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Error, match="REFUSED"):
        walked(monkeypatch, Error("net::ERR_CONNECTION_REFUSED"), GOOD)


def test_interruptions_without_end_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(browse, "AGAIN_WITHIN", 0.0)
    found, made = walked(monkeypatch, Error(CHANGED))
    assert made == 1
    assert found == {"done": 0, "complaints": [CHANGED.splitlines()[0]], "files": []}
