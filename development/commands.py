"""test, lint, bench, mutate: what this repository is held to."""

from __future__ import annotations

import sys
from typing import Any

from deploy.tasks.base import command, finish, session

_TEST = {"only": "a folder, a file or one test (default: all); what stands after -- goes to pytest as it is"}
_MUTATE = {"since": "a commit: only lines that changed since then are mutated (default: the one you stand on)"}
_BENCH = {"only": "the name of one benchmark (default: all)"}


@command(flags=_TEST)
def test(_: Any, only: str = "", json: bool = False) -> None:
    """Run the tests, unit before integration, in random order; for example: ./dev test -- tests/unit -k lock"""
    from development.programs import after_dashes
    from development.testing import run_tests

    finish(run_tests(session(), [*([only] if only else []), *after_dashes(sys.argv)]))


@command()
def lint(_: Any, json: bool = False) -> None:
    """Check style, types, the arrows between packages, and the workflows."""
    from development.linters import linters, run_linters

    run = session()
    finish(run_linters(run.console, linters(run.root)))


@command(flags=_BENCH)
def bench(_: Any, only: str = "", json: bool = False) -> None:
    """Run the benchmarks; one that is over its budget fails."""
    from development.programs import run_benchmarks

    finish(run_benchmarks(session(), only))


@command(flags=_MUTATE)
def mutate(_: Any, since: str = "HEAD", json: bool = False) -> None:
    """Change each changed line of the sources in small ways, and see that the unit tests notice."""
    from development.mutation import mutate

    run = session()
    finish(mutate(run.console, run.root, since))
