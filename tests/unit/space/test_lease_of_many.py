"""Whatever the order in which the requests of several commands reach the Hub, one of them holds the lease."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any

import pytest

from deploy.errors import LeaseHeld
from deploy.space.lease import BRANCH, held, require
from tests.unit.space.memory_hub import MemoryHub

LEFT_OVER = "spacewright-lease_20261122T180000Z_20261122T190000Z_dead@ci_0badcafe"
CALLERS = ("alice", "bob", "carol")


@dataclass
class Turns:
    """Lets one of several threads go on at a time, chosen by chance."""

    random: Random
    alive: set[str] = field(default_factory=set)
    waiting: set[str] = field(default_factory=set)
    turn: str = ""
    changed: threading.Condition = field(default_factory=threading.Condition)

    def wait(self) -> None:
        """Called by a thread before whatever others may see."""
        name = threading.current_thread().name
        with self.changed:
            self.waiting.add(name)
            self.changed.notify_all()
            assert self.changed.wait_for(lambda: self.turn == name, timeout=20)
            self.waiting.remove(name)
            self.turn = ""

    def play(self, parts: dict[str, Callable[[], None]]) -> None:
        self.alive = set(parts)
        threads = [threading.Thread(target=self._act, args=(part,), name=name) for name, part in parts.items()]
        for thread in threads:
            thread.start()
        with self.changed:
            while self.alive:
                assert self.changed.wait_for(lambda: not self.turn and self.waiting == self.alive, timeout=20)
                if self.alive:
                    self.turn = self.random.choice(sorted(self.alive))
                    self.changed.notify_all()
        for thread in threads:
            thread.join(20)

    def _act(self, part: Callable[[], None]) -> None:
        try:
            part()
        finally:
            with self.changed:
                self.alive.remove(threading.current_thread().name)
                self.changed.notify_all()


class Asked(MemoryHub):
    """Each request waits for its turn."""

    turns: Turns

    def __getattribute__(self, name: str) -> Any:
        if name in {"refs", "create_branch", "create_tag", "delete_tag", "delete_branch"}:
            object.__getattribute__(self, "turns").wait()
        return super().__getattribute__(name)


@pytest.mark.parametrize("branch", [True, False], ids=["branch left", "tag left alone"])
@pytest.mark.parametrize("seed", range(60))
def test_never_two_hold_it(seed: int, branch: bool) -> None:
    hub = Asked()
    hub.land({"a": b"1"})
    hub.turns = turns = Turns(Random(seed))
    hub.tags[LEFT_OVER] = hub.head
    if branch:
        hub.branches[BRANCH] = hub.head
    now, holding, held_by, crowds = [0.0], set[str](), list[str](), list[set[str]]()

    def sleep(seconds: float) -> None:
        turns.wait()
        now[0] += seconds
        hub.traffic.pass_by(seconds)

    def deploy() -> None:
        name = threading.current_thread().name
        lease = held(
            hub.client,
            hub.head,
            duration=600,
            target="staging",
            holder=name,
            on_stranded=pytest.fail,
            clock=lambda: now[0],
            sleep=sleep,
        )
        try:
            with lease as mine:
                holding.add(name)
                held_by.append(name)
                for _ in range(3):
                    require(hub.client, mine, "staging", sleep=sleep)
                    crowds.append(set(holding))
                holding.remove(name)
        except LeaseHeld:
            assert name not in holding, "it was lost"

    turns.play(dict.fromkeys(CALLERS, deploy))
    assert held_by, "nobody got it"
    assert all(len(crowd) == 1 for crowd in crowds)
    assert LEFT_OVER not in hub.tags or not branch
