"""From making the process to the first 200 at /health. The folder is empty: the task service makes its database."""

from __future__ import annotations

import sys

from benchmarks.load.contestants import Contestant, backend, plain, template
from benchmarks.load.rounds import Budget, judge, ratio, spread
from benchmarks.load.servers import serving

ROUNDS = 7
MOST_OF_PLAIN = 3.0


def main() -> int:
    contestants = (plain(), template(), backend())
    # The first round compiles.
    rounds = [[_seconds(one) for one in contestants] for _ in range(ROUNDS + 1)][1:]
    columns = [list(column) for column in zip(*rounds, strict=True)]
    print(f"start to the first 200, {ROUNDS} rounds: median (lowest to highest)")
    for contestant, seconds in zip(contestants, columns, strict=True):
        print(f"  {contestant.name:14} {spread(second * 1000 for second in seconds).text():>22} ms")
    return judge([Budget(what="start, of plain", ratio=ratio(columns[2], columns[0]), most=MOST_OF_PLAIN)])


def _seconds(contestant: Contestant) -> float:
    with serving(contestant) as server:
        return server.start_seconds


if __name__ == "__main__":
    sys.exit(main())
