"""Expectations are counted, and those that did not hold are told in words."""

from __future__ import annotations

from deploy.http import Answer
from deploy.verify.check import Assertions


def test_what_held_is_counted_and_what_did_not_is_told() -> None:
    assertions = Assertions()
    assert assertions.expect(True, "never said")
    assert not assertions.expect(False, "it is blue")
    seen = assertions.seen("expectations held")
    assert (seen.text, seen.violations) == ("1 of 2 expectations held", ("it is blue",))


def test_a_status_is_told_with_what_was_asked_and_wanted() -> None:
    assertions = Assertions()
    assert assertions.status("GET /", Answer(status=200, body=""), (200, 304))
    assert not assertions.status("GET /a", Answer(status=500, body=""), (200, 304))
    assert not assertions.status("GET /b", Answer(status=0, body="refused"), range(200, 300))
    assert assertions.violations == [
        "GET /a: 500 instead of 200 or 304",
        "GET /b: no answer (refused) instead of range(200, 300)",
    ]


def test_nothing_is_nothing_to_complain_of() -> None:
    assert Assertions().seen("held").violations == ()
