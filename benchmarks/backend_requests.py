"""Listing, reading and creating tasks: the task service beside a plain endpoint and beside the template's way.

One worker each, CLIENTS connections that send their next request when the last is answered. The contestants take
turns, round by round, in changing order; the others idle meanwhile.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Sequence
from contextlib import ExitStack

from benchmarks.load.contestants import backend, canned, plain, template
from benchmarks.load.people import Person, arrive
from benchmarks.load.rounds import Budget, Spread, busy, judge, ratio, spread
from benchmarks.load.servers import Server, serving
from benchmarks.load.streams import Outcome, Stream, request

CLIENTS = 16
ROUNDS = 5
SECONDS = 1.5
LEAST_OF_PLAIN = 1 / 3
LEAST_OF_TEMPLATE = 4.0
EXPECTED = {"list": 200, "get": 200, "create": 201}

Measured = dict[str, dict[str, list[Outcome]]]
"""By stream and contestant, an outcome for each round."""


def main() -> int:
    with serving(canned()) as server:
        anything = _stream("list", [request("GET", "/", headers={})])
        ceiling = spread(_run(server, anything).rate for _ in range(ROUNDS))
    with ExitStack() as servers:
        running = [servers.enter_context(serving(one)) for one in (plain(), template(), backend())]
        measured = _measure([(server, _streams(arrive(server, CLIENTS))) for server in running])
    print(busy())
    print(f"{CLIENTS} connections, {ROUNDS} rounds of {SECONDS} s: median (lowest to highest)")
    print(f"the client alone, on fixed bytes: {ceiling.text()} requests/s")
    for name, by_contestant in measured.items():
        for contestant, outcomes in sorted(by_contestant.items()):
            print(f"  {name:6} {contestant:14} {_line(outcomes)}")
    for name in ("get", "create"):
        of_plain, of_template = (_ratio(name, other, measured).text(2) for other in ("plain", "template's way"))
        print(f"  {name}: {of_plain} of plain, {of_template} times the template's way")
    return judge(
        [
            Budget(what="list, of plain", ratio=_ratio("list", "plain", measured), least=LEAST_OF_PLAIN),
            Budget(
                what="list, times the template's way",
                ratio=_ratio("list", "template's way", measured),
                least=LEAST_OF_TEMPLATE,
            ),
        ]
    )


def _measure(contestants: Sequence[tuple[Server, dict[str, Stream]]]) -> Measured:
    measured: Measured = {name: defaultdict(list) for name in EXPECTED}
    for turn in range(-1, ROUNDS):
        for number, name in enumerate(EXPECTED):
            first = (turn + number) % len(contestants)
            for server, streams in (*contestants[first:], *contestants[:first]):
                outcome = _run(server, streams[name])
                # The first round warms up.
                if turn >= 0:
                    measured[name][server.contestant.name].append(outcome)
    return measured


def _streams(people: Sequence[Person]) -> dict[str, Stream]:
    by_turn = zip(*(person.reading() for person in people), strict=True)
    return {
        "list": _stream("list", [person.listing() for person in people]),
        "get": _stream("get", [read for reads in by_turn for read in reads]),
        "create": _stream("create", [person.creating() for person in people]),
    }


def _stream(name: str, requests: Sequence[str]) -> Stream:
    return Stream(name=name, requests=requests, connections=CLIENTS, seconds=SECONDS)


def _run(server: Server, stream: Stream) -> Outcome:
    [outcome] = server.load(stream)
    return outcome.require(EXPECTED[stream.name])


def _line(outcomes: Sequence[Outcome]) -> str:
    rates, tails = spread(one.rate for one in outcomes), spread(one.p95 for one in outcomes)
    share = spread(one.client_share for one in outcomes).middle
    return f"{rates.text():>24} requests/s, p95 {tails.text(1):>20} ms, client {share:.0%}"


def _ratio(name: str, other: str, measured: Measured) -> Spread:
    ours, theirs = ([one.rate for one in measured[name][contestant]] for contestant in ("task service", other))
    return ratio(ours, theirs)


if __name__ == "__main__":
    sys.exit(main())
