"""One command at a time changes a Space, and a lease that nobody will give back is cleared once."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest

from deploy.errors import Conflict, HubBroken, HubUnreachable, LeaseHeld
from deploy.space.lease import BRANCH, SIGNING_GRACE, Lease, break_lease, current, held, holder_name, require
from deploy.space.model import Refs
from tests.unit.space.memory_hub import MemoryHub

DURATION = 600.0
TAG = "spacewright-lease_20261122T200000Z_20261122T201000Z_alice@laptop_0badcafe"
CUT = HubUnreachable("cut")


@dataclass
class Caller:
    """Somebody who wants the Space. Sleeping makes the Hub's time pass, and lets others act."""

    hub: MemoryHub
    name: str = "alice"
    now: float = 0.0
    pauses: list[float] = field(default_factory=list)
    stranded: list[str] = field(default_factory=list)
    meanwhile: list[Callable[[], object]] = field(default_factory=list)
    kept: list[AbstractContextManager[Lease]] = field(default_factory=list)

    def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.pass_by(seconds)
        if self.meanwhile:
            self.meanwhile.pop(0)()

    def pass_by(self, seconds: float) -> None:
        self.now += seconds
        self.hub.traffic.pass_by(seconds)

    def held(self, *, wait: float = 0.0) -> AbstractContextManager[Lease]:
        return held(
            self.hub.client,
            self.hub.head,
            duration=DURATION,
            target="staging",
            holder=self.name,
            wait=wait,
            on_stranded=self.stranded.append,
            clock=lambda: self.now,
            sleep=self.sleep,
        )

    def die(self) -> Lease:
        """Takes the lease and never gives it back."""
        self.kept.append(self.held())  # one that nobody refers to would be given back when it is collected
        return self.kept[-1].__enter__()


@pytest.fixture
def hub() -> MemoryHub:
    hub = MemoryHub()
    hub.land({"a": b"1"})
    return hub


def is_free(hub: MemoryHub) -> bool:
    return BRANCH not in hub.branches and not hub.tags


def holders(hub: MemoryHub) -> list[str]:
    return [lease.holder for tag in hub.tags if (lease := Lease.parse(tag))]


def release(lease: AbstractContextManager[Lease]) -> None:
    lease.__exit__(None, None, None)


# Its name ------------------------------------------------------------------------------------------------


def test_a_lease_is_read_from_its_tag() -> None:
    assert Lease.parse(TAG) == Lease(
        tag=TAG,
        holder="alice@laptop",
        since=datetime(2026, 11, 22, 20, 0, tzinfo=UTC),
        until=datetime(2026, 11, 22, 20, 10, tzinfo=UTC),
    )


@pytest.mark.parametrize(
    "tag",
    [
        "good-0123456789ab",
        "spacewright-lease",
        TAG.replace("alice@laptop", ""),
        TAG.replace("T200000Z", "T200000"),
        TAG.replace("20261122", "99999999"),
        TAG + "_x",
        "x" + TAG,
    ],
)
def test_another_tag_is_no_lease(tag: str) -> None:
    assert Lease.parse(tag) is None


@pytest.mark.parametrize(
    ("env", "name"),
    [
        ({"USER": "alice"}, r"alice@[\w@-]+"),
        ({"LOGNAME": "bob.b_c"}, r"bob-b-c@[\w@-]+"),
        ({}, r"someone@[\w@-]+"),
        ({"USER": "älice ~^:?*[\\"}, r"-lice-@[\w@-]+"),
        (
            {
                "GITHUB_ACTIONS": "true",
                "GITHUB_REPOSITORY": "owner/my_repo.x",
                "GITHUB_RUN_ID": "123",
                "USER": "runner",
            },
            "github-owner-my-repo-x-run-123",
        ),
        ({"USER": "x" * 300}, "x{80}"),
    ],
    ids=["user", "logname", "nobody", "odd characters", "workflow", "long"],
)
def test_the_holder_is_named_in_characters_that_a_tag_may_hold(env: dict[str, str], name: str) -> None:
    assert re.fullmatch(name, holder_name(env))
    tag = TAG.replace("alice@laptop", holder_name(env))
    lease = Lease.parse(tag)
    assert lease is not None
    assert lease.holder == holder_name(env)


# Held and given back -------------------------------------------------------------------------------------


def test_it_is_held_while_the_body_runs_and_free_afterwards(hub: MemoryHub) -> None:
    with Caller(hub).held() as lease:
        assert (lease.holder, (lease.until - lease.since).total_seconds()) == ("alice", DURATION)
        assert lease.since == hub.traffic.hub_time()
        assert current(hub.client.refs()) == (True, Lease.parse(lease.tag))
        assert hub.tags == {lease.tag: hub.head}
    assert is_free(hub)


@pytest.mark.parametrize("error", [ValueError("body"), KeyboardInterrupt()])
def test_it_is_given_back_however_the_body_ends(hub: MemoryHub, error: BaseException) -> None:
    with pytest.raises(type(error)), Caller(hub).held():
        raise error
    assert is_free(hub)


def test_a_lease_that_cannot_be_given_back_is_told_and_hides_no_error(hub: MemoryHub) -> None:
    caller = Caller(hub)
    hub.fail("delete_tag", CUT, CUT)
    with pytest.raises(ValueError, match="body"), caller.held():
        raise ValueError("body")
    assert caller.stranded == [
        "the lease could not be given back, and may stay until 20:10 UTC: cut To clear it: invoke unlock --to staging"
    ]
    assert not is_free(hub)


@pytest.mark.parametrize("lost", [True, False])
def test_a_lease_is_given_back_also_when_the_first_answer_does_not_come(hub: MemoryHub, lost: bool) -> None:
    caller = Caller(hub)
    hub.fail("delete_tag", CUT, lost=lost)
    with caller.held():
        pass
    assert caller.stranded == []
    assert is_free(hub)


def test_what_somebody_else_took_meanwhile_is_not_given_back(hub: MemoryHub) -> None:
    lease = Caller(hub).held()
    lease.__enter__()
    break_lease(hub.client)
    Caller(hub, "bob").die()
    hub.fail("delete_tag", CUT, lost=True)
    release(lease)
    assert holders(hub) == ["bob"]
    assert BRANCH in hub.branches


def test_a_lease_that_was_taken_for_stale_is_not_given_back_twice(hub: MemoryHub) -> None:
    late = Caller(hub, "late")
    lease = late.held()
    lease.__enter__()
    late.pass_by(DURATION + 1)
    with Caller(hub, "next").held() as theirs:
        release(lease)
        assert current(hub.client.refs()) == (True, Lease.parse(theirs.tag))
    assert is_free(hub)


# Held by somebody else -----------------------------------------------------------------------------------


def test_somebody_elses_lease_is_refused_with_its_holder_age_and_the_way_out(hub: MemoryHub) -> None:
    bob = Caller(hub, "bob@ci")
    bob.die()
    hub.traffic.pass_by(300)
    with pytest.raises(LeaseHeld) as caught:
        Caller(hub).held().__enter__()
    assert caught.value.what == "owner/tasks is being changed by bob@ci, for 5 min so far."
    assert "ends at 20:10:00 UTC" in str(caught.value.cause)
    assert "invoke unlock --to staging" in str(caught.value.next_step)


def test_a_young_lease_is_told_in_seconds(hub: MemoryHub) -> None:
    bob = Caller(hub, "bob")
    bob.die()
    hub.traffic.pass_by(119)
    with pytest.raises(LeaseHeld, match="by bob, for 119 s so far"):
        Caller(hub).held().__enter__()


def test_a_patient_caller_gets_it_when_it_is_given_back(hub: MemoryHub) -> None:
    bobs = Caller(hub, "bob").held()
    bobs.__enter__()
    alice = Caller(hub, meanwhile=[lambda: None, lambda: release(bobs)])
    with alice.held(wait=60) as lease:
        assert lease.holder == "alice"
    assert alice.pauses == [5.0, 5.0]


def test_patience_ends(hub: MemoryHub) -> None:
    alice, bob = Caller(hub), Caller(hub, "bob")
    bob.die()
    with pytest.raises(LeaseHeld):
        alice.held(wait=12).__enter__()
    assert sum(alice.pauses) == 15


# Stale ---------------------------------------------------------------------------------------------------


def test_a_stale_lease_is_cleared_and_taken(hub: MemoryHub) -> None:
    alice, bob = Caller(hub), Caller(hub, "bob")
    bob.die()
    alice.pass_by(DURATION + 1)
    with alice.held() as lease:
        assert set(hub.tags) == {lease.tag}
    assert is_free(hub)


def test_a_lease_is_respected_to_its_last_second(hub: MemoryHub) -> None:
    alice, bob = Caller(hub), Caller(hub, "bob")
    bob.die()
    alice.pass_by(DURATION)
    with pytest.raises(LeaseHeld):
        alice.held().__enter__()


def test_of_two_who_find_a_stale_lease_one_gets_it(hub: MemoryHub) -> None:
    """Bob looks, then Alice clears and takes it, then Bob acts on what he saw: the tag is gone, so he does nothing."""

    class Slow(MemoryHub):
        def refs(self) -> Refs:
            seen = super().refs()
            if not alice.now:
                alice.pass_by(1)
                leases.append(alice_lease.__enter__())
            return seen

    slow = Slow(history=hub.history, branches=hub.branches, tags=hub.tags, traffic=hub.traffic)
    dead = Caller(hub, "dead")
    dead.die()
    hub.traffic.pass_by(DURATION + 1)
    leases: list[Lease] = []
    alice = Caller(hub, "alice")
    alice_lease = alice.held()
    with pytest.raises(LeaseHeld, match="by alice"):
        Caller(slow, "bob").held().__enter__()
    assert set(hub.tags) == {leases[0].tag}
    assert BRANCH in hub.branches


# A signature left over -----------------------------------------------------------------------------------

LEFT_OVER = "spacewright-lease_20261122T180000Z_20261122T190000Z_dead@ci_0badcafe"


@dataclass
class Meeting(MemoryHub):
    """Somebody else acts before the first signature is made."""

    other: Callable[[], object] = lambda: None

    def create_tag(self, name: str, commit: str, *, message: str = "") -> None:
        other, self.other = self.other, lambda: None
        other()
        super().create_tag(name, commit)


def meeting(hub: MemoryHub, other: Callable[[], object]) -> Meeting:
    """The same Space, as one of two sees it."""
    return Meeting(history=hub.history, branches=hub.branches, tags=hub.tags, traffic=hub.traffic, other=other)


def test_a_fresh_lease_is_taken_for_a_stale_one_by_one_of_two_holders_at_most(hub: MemoryHub) -> None:
    """Alice made the branch; before she signs, Bob finds it beside an old tag, clears both and takes the lease."""
    hub.tags[LEFT_OVER] = hub.head
    bob = Caller(hub, "bob")
    with pytest.raises(LeaseHeld, match="by bob"):
        Caller(meeting(hub, bob.die)).held().__enter__()
    assert holders(hub) == ["bob"]


def test_who_signs_first_holds_it_though_its_branch_was_cleared(hub: MemoryHub) -> None:
    """Bob cleared Alice's branch and made his own; Alice signs and looks before he does."""
    alice = Caller(hub)

    def alice_goes_on() -> None:
        hub.branches.pop(BRANCH)
        alice.die()

    bob = Caller(meeting(hub, alice_goes_on), "bob")
    with pytest.raises(LeaseHeld, match="by alice"):
        bob.held().__enter__()
    assert holders(hub) == ["alice"]
    assert BRANCH in hub.branches


def test_who_finds_its_branch_cleared_takes_it_again(hub: MemoryHub) -> None:
    alice = Caller(meeting(hub, lambda: hub.branches.pop(BRANCH)))
    with alice.held() as lease:
        assert hub.tags == {lease.tag: hub.head}
        assert BRANCH in hub.branches
    assert is_free(hub)


def test_a_signature_that_is_over_does_not_hide_one_in_force(hub: MemoryHub) -> None:
    bob = Caller(hub, "bob")
    bob.die()
    hub.tags["spacewright-lease_20261122T200100Z_20261122T200200Z_short@ci_0badcafe"] = hub.head
    hub.traffic.pass_by(300)
    with pytest.raises(LeaseHeld, match="by bob"):
        Caller(hub).held().__enter__()
    assert "bob" in holders(hub)


def test_a_signature_that_the_hub_does_not_keep_is_none(hub: MemoryHub) -> None:
    """The client takes 409 for "it is there": it may as well be that the Hub was busy."""

    class Busy(MemoryHub):
        def create_tag(self, name: str, commit: str, *, message: str = "") -> None:
            return

    busy = Busy(history=hub.history, branches=hub.branches, tags=hub.tags, traffic=hub.traffic)
    with pytest.raises(Conflict, match="refuses the lease"), Caller(busy).held():
        pytest.fail("it was not given")
    assert is_free(hub)


# Looked at again -----------------------------------------------------------------------------------------


@dataclass
class Lagging(MemoryHub):
    """Shows for a while what it showed before."""

    behind: int = 0

    def refs(self) -> Refs:
        if self.behind:
            self.behind -= 1
            return Refs(branches={}, tags={})
        return super().refs()


def look(hub: MemoryHub, caller: Caller, lease: Lease) -> None:
    require(hub.client, lease, "staging", sleep=caller.sleep)


def test_a_lease_that_is_there_is_still_held(hub: MemoryHub) -> None:
    caller = Caller(hub)
    look(hub, caller, caller.die())
    assert caller.pauses == []


def test_a_lease_that_was_cleared_is_lost(hub: MemoryHub) -> None:
    caller = Caller(hub)
    lease = caller.die()
    break_lease(hub.client)
    with pytest.raises(LeaseHeld, match="not this command's any more") as caught:
        look(hub, caller, lease)
    assert "invoke unlock" in str(caught.value.cause)
    assert "invoke status --to staging" in str(caught.value.next_step)


def test_a_lease_that_somebody_else_took_names_them(hub: MemoryHub) -> None:
    caller = Caller(hub)
    lease = caller.die()
    break_lease(hub.client)
    Caller(hub, "bob").die()
    with pytest.raises(LeaseHeld) as caught:
        look(hub, caller, lease)
    assert caught.value.cause == "bob has taken it"


def test_a_hub_that_shows_what_was_before_is_asked_again(hub: MemoryHub) -> None:
    lagging = Lagging(history=hub.history, branches=hub.branches, tags=hub.tags, traffic=hub.traffic, behind=2)
    caller = Caller(lagging)
    lease = caller.die()
    lagging.behind = 3
    look(lagging, caller, lease)
    assert caller.pauses == [1.0, 2.0, 1.0, 2.0, 4.0]


# Unsigned ------------------------------------------------------------------------------------------------


def test_a_lease_between_branch_and_tag_is_waited_for(hub: MemoryHub) -> None:
    hub.branches[BRANCH] = hub.head
    alice = Caller(hub, meanwhile=[lambda: hub.tags.update({TAG.replace("201000", "210000"): hub.head})])
    with pytest.raises(LeaseHeld, match="by alice@laptop"):
        alice.held().__enter__()
    assert alice.pauses == [2.0]


def test_a_lease_that_nobody_signs_is_cleared_after_a_while(hub: MemoryHub) -> None:
    hub.branches[BRANCH] = hub.head
    alice = Caller(hub)
    with alice.held() as lease:
        assert lease.holder == "alice"
    assert sum(alice.pauses) == SIGNING_GRACE


def test_an_unsigned_lease_that_is_given_back_is_taken(hub: MemoryHub) -> None:
    hub.branches[BRANCH] = hub.head
    alice = Caller(hub, meanwhile=[lambda: hub.branches.pop(BRANCH)])
    with alice.held():
        assert alice.pauses == [2.0]


def test_who_signs_too_late_does_not_hold_it(hub: MemoryHub) -> None:
    """Others may have taken the unsigned lease for abandoned: here they have."""
    alice = Caller(hub)
    bob = Caller(hub, "bob")

    class Slow(MemoryHub):
        def create_tag(self, name: str, commit: str, *, message: str = "") -> None:
            del self.branches[BRANCH]
            bob.die()
            alice.pass_by(SIGNING_GRACE)
            super().create_tag(name, commit)

    alice.hub = Slow(history=hub.history, branches=hub.branches, tags=hub.tags, traffic=hub.traffic)
    with pytest.raises(LeaseHeld, match="by bob"):
        alice.held().__enter__()
    assert holders(hub) == ["bob"]


@pytest.mark.parametrize("lost", [True, False])
@pytest.mark.parametrize("error", [CUT, KeyboardInterrupt()], ids=["cut", "Ctrl-C"])
@pytest.mark.parametrize("call", ["create_tag", "refs"])
def test_a_lease_that_cannot_be_signed_leaves_nothing(
    hub: MemoryHub, call: str, error: BaseException, lost: bool
) -> None:
    hub.fail(call, error, lost=lost)
    with pytest.raises(type(error)):
        Caller(hub).held().__enter__()
    assert is_free(hub)


def test_how_signing_failed_is_told_also_when_nothing_can_be_cleared(hub: MemoryHub) -> None:
    hub.fail("create_tag", HubBroken("500"))
    hub.fail("delete_tag", CUT)
    with pytest.raises(HubBroken):
        Caller(hub).held().__enter__()


def test_a_branch_whose_answer_was_lost_is_an_unsigned_lease(hub: MemoryHub) -> None:
    hub.fail("create_branch", CUT, lost=True)
    with pytest.raises(HubUnreachable):
        Caller(hub).held().__enter__()
    with Caller(hub).held():
        pass
    assert is_free(hub)


# Looked at, and broken -----------------------------------------------------------------------------------


def test_a_tag_without_its_branch_holds_nothing() -> None:
    assert current(Refs(branches={"main": "a"}, tags={TAG: "a"})) == (False, None)
    assert current(Refs(branches={BRANCH: "a"}, tags={"good-1": "a"})) == (True, None)


def test_the_newest_of_several_tags_names_the_holder() -> None:
    older = TAG.replace("T200000Z", "T190000Z").replace("alice", "bob")
    assert current(Refs(branches={BRANCH: "a"}, tags={TAG: "a", older: "a"})) == (True, Lease.parse(TAG))


def test_a_person_clears_whatever_lease_there_is(hub: MemoryHub) -> None:
    bob = Caller(hub, "bob")
    lease = bob.die()
    hub.tags |= {TAG: hub.head, "good-1": hub.head}
    found = break_lease(hub.client)
    assert found is not None
    assert found.holder in {lease.holder, "alice@laptop"}
    assert hub.tags == {"good-1": hub.head}
    assert BRANCH not in hub.branches


def test_where_there_is_no_lease_nothing_is_cleared(hub: MemoryHub) -> None:
    assert break_lease(hub.client) is None
    assert hub.asked == ["refs"]


def test_a_conflict_of_anything_else_passes(hub: MemoryHub) -> None:
    hub.fail("create_tag", Conflict("409"))
    with pytest.raises(Conflict):
        Caller(hub).held().__enter__()


def test_a_lease_that_is_refused_for_ever_though_nobody_holds_it_is_an_error(hub: MemoryHub) -> None:
    hub.fail("create_branch", *[Conflict("409")] * 9)
    with pytest.raises(Conflict, match="though nobody holds it"), Caller(hub).held():
        pytest.fail("it was not given")
    assert hub.asked.count("create_branch") == 5
    assert is_free(hub)
