"""Nothing is left behind: every container of a rehearsal carries its run, and goes when the run does."""

from __future__ import annotations

import os
import platform
import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import psutil

from deploy.image.engine import Engine

RUN = "spacewright.run"
OWNER = "spacewright.owner"


@contextmanager
def run_labels(engine: Engine) -> Iterator[Mapping[str, str]]:
    """Labels for the containers of one run; at the end of the block every container with them is removed.

    Removes those of dead runs first: a process that was killed cleans nothing up.
    """
    remove_dead_runs(engine)
    run = secrets.token_hex(8)
    try:
        yield {RUN: run, OWNER: f"{platform.node()}:{os.getpid()}"}
    finally:
        engine.remove_labelled(f"{RUN}={run}")


def remove_dead_runs(engine: Engine, *, alive: Callable[[int], bool] = psutil.pid_exists) -> int:
    """Removes containers whose owner was a process of this machine that is no more; answers how many."""
    runs = {labels[RUN] for _, labels in engine.labelled(RUN) if _is_dead(labels.get(OWNER, ""), alive)}
    return sum(engine.remove_labelled(f"{RUN}={run}") for run in runs)


def _is_dead(owner: str, alive: Callable[[int], bool]) -> bool:
    """An owner on another machine that uses the same engine cannot be judged from here."""
    node, _, number = owner.rpartition(":")
    return node == platform.node() and number.isdecimal() and not alive(int(number))
