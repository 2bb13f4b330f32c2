"""Tests that share what is dear to make run in one worker, which xdist's own groups cannot see to under this pytest."""

from __future__ import annotations

from xdist.scheduler import LoadScopeScheduling

PLACES = ("tests/integration/test_docs.py", "tests/workflows/")
"""A file, or a folder: of each, all tests."""


def place_of(nodeid: str) -> str | None:
    """The place whose tests stay together that this one is of."""
    return next((place for place in PLACES if nodeid.startswith(place)), None)


class Together(LoadScopeScheduling):  # type: ignore[misc]  # xdist has no types
    """Gives a worker a test at a time, and those of a place as one.

    `LoadGroupScheduling` knows a group by the name that a worker writes into the id of a test, which pytest 9.2 keeps
    elsewhere: each worker then makes what was meant to be made once.
    """

    def _split_scope(self, nodeid: str) -> str:
        return place_of(nodeid) or nodeid
