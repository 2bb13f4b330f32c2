"""Listing the commands against listing one empty task: `invoke --list` may cost half as much again, no more.

Both are run as `./dev` runs them, in turn, so that whatever else the machine does slows both; medians are compared.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

ROOT = Path(__file__).parents[1]
BUDGET = 1.5
ROUNDS = 21
EMPTY = "from invoke.tasks import task\n\n\n@task\ndef nothing(_):\n    pass\n"


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        empty = Path(folder)
        (empty / "tasks.py").write_text(EMPTY)
        pairs = [(listing_seconds(empty), listing_seconds(ROOT)) for _ in range(ROUNDS + 1)]
    # The first pair compiles.
    floor, ours = (median(column) for column in zip(*pairs[1:], strict=True))
    ratio = ours / floor
    verdict = "within" if ratio <= BUDGET else "OVER"
    print(f"invoke --list: {ours * 1000:.0f} ms, an empty tasks.py {floor * 1000:.0f} ms, medians of {ROUNDS}")
    print(f"ratio {ratio:.2f}, {verdict} the budget of {BUDGET}")
    return 0 if ratio <= BUDGET else 1


def listing_seconds(folder: Path) -> float:
    started = time.perf_counter()
    argv = [sys.executable, "-m", "invoke", "--write-pyc", "--list"]
    subprocess.run(argv, cwd=folder, stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - started


if __name__ == "__main__":
    sys.exit(main())
