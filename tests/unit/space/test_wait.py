"""A deploy waits for its own commit: neither an old RUNNING nor an old failure is taken for it."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from deploy.errors import HubUnreachable
from deploy.space.model import Runtime
from deploy.space.wait import OLD_FAILURE_GRACE, RESTART_GRACE, Waited, wait_for
from tests.unit.space.memory_hub import MemoryHub

NEW, OLD = "b" * 40, "a" * 40


@dataclass
class Watch:
    """Time passes by sleeping alone."""

    now: float = 0.0
    shown: list[str] = field(default_factory=list)
    pauses: list[float] = field(default_factory=list)

    def sleep(self, seconds: float) -> None:
        assert seconds > 0, "this would wait for ever"
        self.pauses.append(seconds)
        self.now += seconds

    def wait(self, *stages: Runtime, timeout: float = 1000, poll: float = 5, restarting: bool = False) -> Waited:
        return wait_for(
            MemoryHub(stages=list(stages)).client,
            NEW,
            timeout=timeout,
            poll=poll,
            restarting=restarting,
            on_stage=self.shown.append,
            clock=lambda: self.now,
            sleep=self.sleep,
        )


@pytest.fixture
def watch() -> Watch:
    return Watch()


def at(stage: str, sha: str | None = NEW, times: int = 1) -> list[Runtime]:
    return [Runtime(stage=stage, sha=sha)] * times


RUNNING = Runtime(stage="RUNNING", sha=NEW)


# It serves -----------------------------------------------------------------------------------------------


def test_the_new_commit_running_is_enough(watch: Watch) -> None:
    assert watch.wait(RUNNING) == Waited(outcome="serving", runtime=RUNNING, seconds=0)
    assert watch.pauses == []


def test_an_old_running_does_not_count(watch: Watch) -> None:
    stages = [*at("RUNNING", OLD, 3), *at("RUNNING_BUILDING", OLD), *at("RUNNING_APP_STARTING", OLD), RUNNING]
    waited = watch.wait(*stages)
    assert (waited.outcome, waited.seconds) == ("serving", 25)


def test_a_running_without_commit_does_not_count(watch: Watch) -> None:
    assert watch.wait(*at("RUNNING", None), timeout=20).outcome == "timeout"


def test_each_stage_is_shown_once_with_the_commit_that_still_serves(watch: Watch) -> None:
    watch.wait(*at("RUNNING", OLD, 3), *at("RUNNING_BUILDING", OLD, 2), *at("APP_STARTING"), RUNNING)
    assert watch.shown == [
        "RUNNING (still aaaaaaaaaaaa)",
        "RUNNING_BUILDING (still aaaaaaaaaaaa)",
        "APP_STARTING",
        "RUNNING",
    ]


def test_an_old_commit_whose_id_sorts_after_the_new_one_is_old_all_the_same(watch: Watch) -> None:
    assert watch.wait(*at("RUNNING", "c" * 40, 2), RUNNING).seconds == 10
    assert watch.shown[0] == "RUNNING (still cccccccccccc)"


def test_nobody_restarts_unless_it_is_said(watch: Watch) -> None:
    hub = MemoryHub(stages=[RUNNING])
    waited = wait_for(hub.client, NEW, timeout=9, poll=1, on_stage=watch.shown.append, sleep=watch.sleep)
    assert (waited.outcome, watch.pauses) == ("serving", [])


def test_time_is_counted_from_the_beginning_of_the_wait() -> None:
    late = Watch(now=1e6)
    assert late.wait(*at("BUILDING", None, 2), RUNNING).seconds == 10
    assert late.wait(*at("BUILDING"), timeout=12).seconds == 12


# It fails ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("stage", ["BUILD_ERROR", "RUNTIME_ERROR", "CONFIG_ERROR", "NO_APP_FILE"])
@pytest.mark.parametrize("sha", [NEW, None], ids=["new", "unknown"])
def test_a_failure_of_the_new_commit_is_one(watch: Watch, stage: str, sha: str | None) -> None:
    waited = watch.wait(*at("BUILDING"), *at(stage, sha))
    assert (waited.outcome, waited.runtime.stage, waited.seconds) == ("failed", stage, 5)


@pytest.mark.parametrize("stage", ["BUILD_ERROR", "RUNTIME_ERROR"])
def test_a_failure_of_the_old_commit_is_the_past(watch: Watch, stage: str) -> None:
    assert watch.wait(*at(stage, OLD, 3), *at("BUILDING", OLD), RUNNING).outcome == "serving"


def test_a_failure_of_the_old_commit_that_does_not_pass_is_one(watch: Watch) -> None:
    waited = watch.wait(*at("RUNTIME_ERROR", OLD))
    assert waited.outcome == "failed"
    assert OLD_FAILURE_GRACE < waited.seconds <= OLD_FAILURE_GRACE + 5


@pytest.mark.parametrize("stage", ["PAUSED", "STOPPED", "SLEEPING", "DELETING", "A_NEW_STAGE"])
def test_a_stage_that_leads_nowhere_is_a_failure_after_a_while(watch: Watch, stage: str) -> None:
    assert watch.wait(*at(stage, None, 3), RUNNING).outcome == "serving"
    waited = Watch().wait(*at(stage, None))
    assert waited.outcome == "failed"
    assert waited.seconds > OLD_FAILURE_GRACE


@pytest.mark.parametrize("stage", ["BUILDING", "RUNNING_BUILDING", "APP_STARTING", "RUNNING_APP_STARTING", "RUNNING"])
def test_what_goes_on_is_no_failure_however_long_it_takes(watch: Watch, stage: str) -> None:
    waited = watch.wait(*at(stage, OLD, 20), RUNNING)
    assert (waited.outcome, waited.seconds) == ("serving", 100)


@pytest.mark.parametrize("stage", ["RUNTIME_ERROR", "PAUSED"])
def test_a_minute_is_given_to_what_may_be_the_past(watch: Watch, stage: str) -> None:
    assert watch.wait(*at(stage, OLD), poll=1).seconds == 61


# It takes too long ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("stage", ["BUILDING", "RUNNING_BUILDING", "APP_STARTING", "RUNNING_APP_STARTING", "RUNNING"])
def test_waiting_ends_on_time_with_the_last_stage(watch: Watch, stage: str) -> None:
    waited = watch.wait(*at(stage, OLD), timeout=12, poll=5)
    assert (waited.outcome, waited.runtime.stage, waited.seconds) == ("timeout", stage, 12)
    assert watch.pauses == [5, 5, 2]


def test_the_last_look_is_taken_when_the_time_is_over(watch: Watch) -> None:
    assert watch.wait(*at("BUILDING", None, 2), RUNNING, timeout=10, poll=5).outcome == "serving"


def test_less_than_a_second_that_is_left_is_waited_too(watch: Watch) -> None:
    assert watch.wait(*at("BUILDING"), timeout=5.5, poll=5).seconds == 5.5
    assert watch.pauses == [5, 0.5]


def test_waiting_ends_when_a_look_takes_longer_than_what_was_left(watch: Watch) -> None:
    def slow() -> float:
        watch.now += 4
        return watch.now

    waited = wait_for(
        MemoryHub(stages=at("BUILDING")).client,
        NEW,
        timeout=10,
        poll=5,
        on_stage=watch.shown.append,
        clock=slow,
        sleep=watch.sleep,
    )
    assert (waited.outcome, waited.seconds) == ("timeout", 13)


def test_a_hub_that_cannot_be_asked_ends_waiting(watch: Watch) -> None:
    hub = MemoryHub(stages=at("BUILDING"))
    hub.fail("runtime", HubUnreachable("gone"))
    with pytest.raises(HubUnreachable):
        wait_for(hub.client, NEW, timeout=10, poll=1, on_stage=watch.shown.append, sleep=watch.sleep)


# The same commit, started anew ---------------------------------------------------------------------------


def test_the_running_of_before_a_restart_does_not_count(watch: Watch) -> None:
    waited = watch.wait(RUNNING, RUNNING, *at("APP_STARTING"), RUNNING, restarting=True)
    assert (waited.outcome, waited.seconds) == ("serving", 15)
    assert watch.shown == ["RUNNING", "APP_STARTING", "RUNNING"]


def test_a_restart_that_is_already_seen_counts(watch: Watch) -> None:
    assert watch.wait(*at("APP_STARTING"), RUNNING, restarting=True).seconds == 5


def test_a_restart_too_fast_to_be_seen_counts_after_a_while(watch: Watch) -> None:
    waited = watch.wait(RUNNING, poll=2, restarting=True)
    assert waited.outcome == "serving"
    assert RESTART_GRACE <= waited.seconds < RESTART_GRACE + 2


@pytest.mark.parametrize("stage", ["RUNTIME_ERROR", "BUILD_ERROR"])
def test_the_failure_of_before_a_restart_does_not_count(watch: Watch, stage: str) -> None:
    assert watch.wait(*at(stage, NEW, 2), *at("APP_STARTING"), RUNNING, restarting=True).outcome == "serving"


def test_a_failure_after_a_restart_counts(watch: Watch) -> None:
    waited = watch.wait(RUNNING, *at("APP_STARTING"), *at("RUNTIME_ERROR"), restarting=True)
    assert (waited.outcome, waited.seconds) == ("failed", 10)


def test_a_failure_that_a_restart_does_not_change_counts_after_a_while(watch: Watch) -> None:
    waited = watch.wait(*at("RUNTIME_ERROR"), restarting=True)
    assert waited.outcome == "failed"
    assert waited.seconds >= RESTART_GRACE


def test_the_moment_at_which_a_restart_counts_as_done(watch: Watch) -> None:
    assert watch.wait(RUNNING, poll=1, restarting=True).seconds == 15
    assert Watch().wait(RUNNING, *at("APP_STARTING"), RUNNING, poll=1, restarting=True).seconds == 2
