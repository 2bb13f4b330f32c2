"""test, lint, bench: what this repository is held to."""

from __future__ import annotations

import sys
from typing import Any

from deploy.tasks.base import command, finish, session

_TEST = {"only": "a folder, a file or one test (default: all); what stands after -- goes to pytest as it is"}
_BENCH = {"only": "the name of one benchmark (default: all)"}


@command(flags=_TEST)
def test(_: Any, only: str = "", json: bool = False) -> None:
    """Run the tests, unit before integration, in random order; for example: ./dev test -- tests/unit -k lock"""
    from deploy.tasks.programs import after_dashes
    from deploy.tasks.testing import run_tests

    finish(run_tests(session(), [*([only] if only else []), *after_dashes(sys.argv)]))


@command()
def lint(_: Any, json: bool = False) -> None:
    """Check style, types, the arrows between packages, and the workflows."""
    from deploy.tasks.linters import linters, run_linters

    run = session()
    finish(run_linters(run.console, linters(run.root)))


@command(flags=_BENCH)
def bench(_: Any, only: str = "", json: bool = False) -> None:
    """Run the benchmarks; one that is over its budget fails."""
    from deploy.tasks.programs import run_benchmarks

    finish(run_benchmarks(session(), only))
