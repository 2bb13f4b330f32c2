"""Tests that run side by side, as workers or as several runs, are given no port in common."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.real.processes import free_port

ROOT = Path(__file__).parents[2]
MANY = 60
TAKE = f"from tests.real.processes import free_port; print(*(free_port() for _ in range({MANY}))); print(input())"


def test_no_two_processes_take_the_same_port() -> None:
    others = [
        subprocess.Popen(
            [sys.executable, "-c", TAKE], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for _ in range(3)
    ]
    try:
        taken = [free_port() for _ in range(MANY)]
        for other in others:
            assert other.stdout
            taken += map(int, other.stdout.readline().split())
    finally:
        for other in others:
            other.communicate("\n")
    assert len(set(taken)) == len(taken) == 4 * MANY
