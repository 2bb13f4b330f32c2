"""Containers of runs that are over."""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping

import pytest

from deploy.image.engine import Engine
from deploy.image.leftovers import OWNER, RUN, remove_dead_runs, run_labels

HERE = platform.node()


class ListEngine(Engine):
    """An engine that knows containers by their labels only."""

    def __init__(self, *containers: Mapping[str, str]) -> None:
        self.containers = list(containers)

    def labelled(self, label: str) -> tuple[tuple[str, Mapping[str, str]], ...]:
        name, _, value = label.partition("=")
        return tuple(("id", one) for one in self.containers if name in one and value in ("", one[name]))

    def remove_labelled(self, label: str) -> int:
        gone = [one for _, one in self.labelled(label)]
        self.containers = [one for one in self.containers if one not in gone]
        return len(gone)


def owned(run: str, owner: str) -> dict[str, str]:
    return {RUN: run, OWNER: owner}


def test_only_containers_of_dead_processes_here_are_removed() -> None:
    mine, theirs = owned("live", f"{HERE}:10"), owned("far", "another-machine:11")
    engine = ListEngine(owned("dead", f"{HERE}:11"), owned("dead", f"{HERE}:11"), mine, theirs, {RUN: "unowned"})
    assert remove_dead_runs(engine, alive=lambda process: process == 10) == 2
    assert engine.containers == [mine, theirs, {RUN: "unowned"}]


def test_this_process_is_alive_and_init_is_too() -> None:
    engine = ListEngine(owned("me", f"{HERE}:{os.getpid()}"), owned("init", f"{HERE}:1"))
    assert remove_dead_runs(engine) == 0


def test_a_new_run_begins_by_removing_what_dead_ones_left() -> None:
    no_process = 2**22 + 1  # above the largest id that Linux gives
    engine = ListEngine(owned("dead", f"{HERE}:{no_process}"))
    with run_labels(engine):
        assert engine.containers == []


def test_a_run_removes_its_own_at_the_end_and_no_other() -> None:
    other = owned("other", f"{HERE}:{os.getpid()}")
    engine = ListEngine(other)
    with run_labels(engine) as labels:
        engine.containers.append(labels)
    assert engine.containers == [other]


def test_an_interrupted_run_removes_its_own_too() -> None:
    engine = ListEngine()

    def interrupted() -> None:
        with run_labels(engine) as labels:
            engine.containers.append(labels)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert engine.containers == []
