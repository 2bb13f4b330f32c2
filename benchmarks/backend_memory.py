"""Resident memory: after the start, and at most while CLIENTS clients list their tasks and LOGINS log in at once."""

from __future__ import annotations

import sys

from benchmarks.load.contestants import Contestant, backend, template
from benchmarks.load.people import arrive
from benchmarks.load.rounds import Budget, judge, spread
from benchmarks.load.servers import serving
from benchmarks.load.streams import Outcome, Stream

CLIENTS = 200
LOGINS = 50
SECONDS = 8.0
MOST_OF_IDLE = 2.0


def main() -> int:
    if not sys.platform.startswith("linux"):
        print("not measured: resident memory is read from /proc, which Linux has")
        return 0
    print(f"MiB resident, idle and at most in {SECONDS:.0f} s of {CLIENTS} clients with {LOGINS} logins at once")
    _measure(template())
    idle, most = _measure(backend())
    return judge([Budget(what="memory under load, of idle", ratio=spread([most / idle]), most=MOST_OF_IDLE)])


def _measure(contestant: Contestant) -> tuple[float, float]:
    with serving(contestant) as server:
        idle = server.memory("VmRSS")
        people = arrive(server, LOGINS)
        listings, logins = [person.listing() for person in people], [person.logging_in() for person in people]
        server.forget_peak()
        outcomes = server.load(
            Stream(name="list", requests=listings, connections=CLIENTS, seconds=SECONDS),
            Stream(name="login", requests=logins, connections=LOGINS, each=1, seconds=SECONDS),
        )
        most = server.memory("VmHWM")
    print(f"  {contestant.name:14} {idle:.0f} idle, {most:.0f} at most; {', '.join(map(_line, outcomes))}")
    return idle, most


def _line(outcome: Outcome) -> str:
    return f"{outcome.name}: {outcome.answers} answers, {outcome.failures} failed, p95 {outcome.p95:,.0f} ms"


if __name__ == "__main__":
    sys.exit(main())
