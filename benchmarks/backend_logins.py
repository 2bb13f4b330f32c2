"""LOGINS logins at once beside a steady trickle of other requests: what those notice of it.

The trickle leaves at a fixed rate whatever comes back, far below what the server can do, so that its p95 is the time
of an answer and not of a queue that the load client made. Server and client share the machine's cores. Rounds with and
without logins take turns, and the medians of both are compared: one round is too short for its own p95 to stand.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.load.contestants import backend
from benchmarks.load.people import Person, arrive
from benchmarks.load.rounds import Budget, busy, judge, ratio_of_medians, spread
from benchmarks.load.servers import Server, serving
from benchmarks.load.streams import Outcome, Stream

LOGINS = 50
TRICKLE = ("list", "get")
RATE = 100
"""Requests a second of each kind of the trickle."""
CONNECTIONS = 16
IDLE_SECONDS = 2.0
ROUNDS = 7
MOST_OF_IDLE = 2.0


@dataclass(frozen=True, kw_only=True)
class Round:
    """Outcomes by name: of the trickle alone, and of the trickle and the logins together."""

    alone: dict[str, Outcome]
    meanwhile: dict[str, Outcome]


def main() -> int:
    with serving(backend()) as server:
        people = arrive(server, LOGINS)
        # The first round warms up.
        rounds = [_round(server, people) for _ in range(ROUNDS + 1)][1:]
    logins = spread(turn.meanwhile["login"].worst for turn in rounds)
    print(busy())
    print(f"{RATE} of each a second, alone and while {LOGINS} log in; {ROUNDS} rounds: median (lowest to highest)")
    print(f"  all {LOGINS} are in after {logins.text()} ms")
    return judge([_budget(name, rounds) for name in TRICKLE])


def _round(server: Server, people: Sequence[Person]) -> Round:
    requests = [person.logging_in() for person in people]
    logins = Stream(name="login", requests=requests, connections=len(people), each=1)
    alone = server.load(*_trickle(people, IDLE_SECONDS))
    meanwhile = server.load(*_trickle(people, None), logins)
    return Round(alone=_by_name(alone), meanwhile=_by_name(meanwhile))


def _trickle(people: Sequence[Person], seconds: float | None) -> list[Stream]:
    requests = {
        "list": [person.listing() for person in people],
        "get": [person.reading()[0] for person in people],
    }
    return [
        Stream(name=name, requests=requests[name], connections=CONNECTIONS, rate=RATE, seconds=seconds)
        for name in TRICKLE
    ]


def _by_name(outcomes: Sequence[Outcome]) -> dict[str, Outcome]:
    return {outcome.name: outcome.require(200) for outcome in outcomes}


def _budget(name: str, rounds: Sequence[Round]) -> Budget:
    alone, meanwhile = [turn.alone[name].p95 for turn in rounds], [turn.meanwhile[name].p95 for turn in rounds]
    print(f"  {name:4} p95 {spread(alone).text(1)} ms alone, {spread(meanwhile).text(1)} ms meanwhile")
    return Budget(
        what=f"p95 of {name} during logins, of idle", ratio=ratio_of_medians(meanwhile, alone), most=MOST_OF_IDLE
    )


if __name__ == "__main__":
    sys.exit(main())
