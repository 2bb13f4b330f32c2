"""The stages a Space goes through, and what visitors get meanwhile."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from deploy.localhub.hardware import GIB, MIB, Size
from deploy.localhub.runtime import space
from deploy.localhub.runtime.model import AttemptFailed, Stage, Usage, UsageUnknown
from deploy.secret import Secret
from tests.unit.localhub.runtime.spaces import SPACE, Spaces, commit, until
from tests.unit.localhub.runtime.stand_ins import Runner

A, B, C = commit("a"), commit("b"), commit("c")


class World(Spaces):
    """Spaces on a stand-in for a runner."""

    def __init__(self, home: Path, drain: float = 10.0) -> None:
        self.runner = Runner()
        super().__init__(home, runner=self.runner, drain=drain)

    def reopen(self) -> None:
        """What was built before is still there."""
        self.supervisor.close()
        built = self.runner.built
        self.runner = Runner()
        self.runner.built.extend(built)
        self.open(self.runner)

    def fail(self, of: str, message: str = "Build failed") -> None:
        self.runner.broken[of] = AttemptFailed(Stage.BUILD_ERROR, message)
        self.space.deploy(self.build(of))
        self.news.wait(Stage.BUILD_ERROR, of)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    world = World(tmp_path / "home")
    yield world
    world.supervisor.close()


def test_a_first_build_goes_from_building_to_running(world: World) -> None:
    world.runner.hold(A)
    world.space.deploy(world.build(A))
    assert world.space.state().stage == "BUILDING"
    assert world.space.state().sha == A
    assert world.visit() == "503"
    world.runner.release(A)
    world.news.wait(Stage.RUNNING, A)
    assert world.visit() == A


def test_every_stage_is_reported_once_and_in_order(world: World) -> None:
    world.serve(A)
    world.serve(B)
    assert world.news.history == [
        *(("BUILDING", "a"), ("APP_STARTING", "a"), ("RUNNING", "a")),
        *(("RUNNING_BUILDING", "a"), ("RUNNING_APP_STARTING", "a"), ("RUNNING", "b")),
    ]


def test_the_old_revision_serves_until_the_new_one_answers(world: World) -> None:
    world.serve(A)
    world.runner.hold(B)
    world.space.deploy(world.build(B))
    state = world.space.state()
    assert (state.stage, state.sha) == ("RUNNING_BUILDING", A)
    assert world.visit() == A
    world.runner.release(B)
    world.news.wait(Stage.RUNNING_APP_STARTING, A)
    world.news.wait(Stage.RUNNING, B)
    assert world.visit() == B
    assert world.runner.apps[0].stopped.wait(10)


def test_a_request_that_the_old_revision_has_is_answered_by_it(world: World) -> None:
    world.serve(A)
    old = world.runner.apps[0]
    with ThreadPoolExecutor(1) as visitor:
        answer = visitor.submit(world.visit, "/slow")
        assert old.visited.wait(10)
        world.serve(B)
        assert world.visit() == B
        assert not old.stopped.wait(0.1)
        old.answer_slow.set()
        assert answer.result(10) == A
    assert old.stopped.wait(10)


def test_a_request_that_never_ends_keeps_the_old_revision_for_a_while_only(tmp_path: Path) -> None:
    world = World(tmp_path, drain=0.1)
    world.serve(A)
    with ThreadPoolExecutor(1) as visitor:
        answer = visitor.submit(world.visit, "/slow")
        assert world.runner.apps[0].visited.wait(10)
        world.serve(B)
        assert world.runner.apps[0].stopped.wait(10)
        answer.result(10)
    world.supervisor.close()


def test_a_newer_commit_takes_the_place_of_one_in_the_making(world: World) -> None:
    world.runner.hold(A)
    world.space.deploy(world.build(A))
    assert world.runner.entered.wait(10)
    world.space.deploy(world.build(B))
    world.news.wait(Stage.RUNNING, B)
    assert world.visit() == B
    assert [app.build.commit for app in world.runner.apps] == [B]


def test_of_commits_that_come_during_a_build_only_the_newest_is_built(world: World) -> None:
    world.runner.hold(A, stubborn=True)
    world.space.deploy(world.build(A))
    assert world.runner.entered.wait(10)
    for _ in range(5):
        world.space.deploy(world.build(B))
    world.space.deploy(world.build(C))
    world.runner.release(A)
    world.news.wait(Stage.RUNNING, C)
    assert world.runner.built == [A, C]
    assert [app.build.commit for app in world.runner.apps] == [C]
    world.supervisor.close()
    assert len(world.checkouts()) == 1


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_defect_of_the_hub_shows_and_does_not_end_the_space(world: World) -> None:
    world.runner.broken[A] = RuntimeError("a defect")
    world.space.deploy(world.build(A))
    assert "a defect" in str(world.news.wait(Stage.RUNTIME_ERROR, A).error_message)
    world.serve(B)
    assert world.visit() == B


def test_a_failed_build_is_reported_and_the_old_revision_goes_on(world: World) -> None:
    world.serve(A)
    world.fail(B, message="Build failed with exit code: 1")
    assert world.space.state().error_message == "Build failed with exit code: 1"
    assert world.visit() == A
    assert "Build failed with exit code: 1" in world.log("build")


def test_a_failed_build_stays_the_news_when_the_old_revision_ends_too(world: World) -> None:
    world.serve(A)
    world.fail(B)
    world.runner.apps[0].crash(1)
    assert world.visit() == "503"
    state = world.space.state()
    assert (state.stage, state.sha) == ("BUILD_ERROR", B)


def test_after_a_failure_the_next_commit_is_announced_for_what_still_serves(world: World) -> None:
    world.serve(A)
    world.fail(B)
    world.space.deploy(world.build(C))
    world.news.wait(Stage.RUNNING_BUILDING, A)
    assert world.news.wait(Stage.RUNNING, C).error_message is None
    assert world.visit() == C


def test_an_app_that_ends_is_a_runtime_error_with_its_last_words(world: World) -> None:
    world.serve(A)
    world.runner.apps[0].write("the database is gone\n")
    world.runner.apps[0].crash(3)
    state = world.news.wait(Stage.RUNTIME_ERROR, A)
    assert state.error_message == "Exit code: 3. Reason: starting image of " + A + "\nthe database is gone"
    assert world.visit() == "503"


def test_secrets_are_not_in_the_error_message(world: World) -> None:
    world.space.deploy(world.build(A, secrets={"KEY": Secret("correct horse")}))
    world.news.wait(Stage.RUNNING, A)
    world.runner.apps[0].write("the key is correct horse\n")
    world.runner.apps[0].crash(1)
    assert "the key is [REDACTED]" in str(world.news.wait(Stage.RUNTIME_ERROR, A).error_message)
    assert "correct horse" in world.log("run")


def test_an_old_revision_that_dies_during_a_build_is_no_longer_said_to_run(world: World) -> None:
    world.serve(A)
    world.runner.hold(B)
    world.space.deploy(world.build(B))
    world.runner.apps[0].crash(1)
    world.news.wait(Stage.BUILDING, B)
    world.runner.release(B)
    world.news.wait(Stage.RUNNING, B)


def test_a_restart_starts_the_same_image_again(world: World) -> None:
    world.serve(A)
    world.space.restart(world.build(A))
    world.news.wait(Stage.RUNNING_APP_STARTING, A)
    world.news.wait(Stage.RUNNING, A)
    assert world.runner.built == [A]
    assert len(world.runner.apps) == 2


def test_a_factory_restart_builds_without_caches(world: World) -> None:
    world.serve(A)
    world.space.restart(world.build(A), factory=True)
    world.news.wait(Stage.RUNNING_BUILDING, A)
    world.news.wait(Stage.RUNNING, A)
    assert world.runner.fresh == [A]


def test_a_restart_after_a_failed_build_builds(world: World) -> None:
    world.serve(A)
    world.fail(B)
    del world.runner.broken[B]
    world.space.restart(world.build(B))
    world.news.wait(Stage.RUNNING, B)


def test_a_pause_stops_and_a_restart_starts(world: World) -> None:
    world.serve(A)
    world.space.pause()
    world.news.wait(Stage.PAUSED, A)
    assert world.runner.apps[0].stopped.wait(10)
    assert world.visit() == "503"
    world.space.restart(world.build(A))
    world.news.wait(Stage.APP_STARTING, A)
    world.news.wait(Stage.RUNNING, A)
    assert world.visit() == A


def test_a_pause_ends_a_build(world: World) -> None:
    world.runner.hold(A)
    world.space.deploy(world.build(A))
    assert world.runner.entered.wait(10)
    world.space.pause()
    assert world.space.state().stage == "PAUSED"
    world.supervisor.close()
    assert not world.runner.apps


def test_a_deleted_space_leaves_nothing_and_may_come_back(world: World) -> None:
    world.serve(A)
    world.space.stop()
    assert world.visit() == "404"
    assert world.runner.apps[0].stopped.wait(10)
    world.serve(B)
    assert world.visit() == B
    assert (SPACE, ()) in world.runner.pruned


def test_a_deleted_space_has_no_files(world: World) -> None:
    world.serve(A)
    world.space.stop()
    world.supervisor.close()
    assert [path for path in (world.home / "spaces").rglob("*") if path.is_file()] == []


def test_visibility_changes_without_a_restart(world: World) -> None:
    world.serve(A)
    world.space.show(private=True)
    assert world.visit() == "404"
    world.space.show(private=False)
    assert world.visit() == A


# Restarts of the Hub -------------------------------------------------------------------------------------


def test_the_address_survives_the_hub(world: World) -> None:
    before = world.space.address
    world.reopen()
    assert world.space.address == before


def test_what_served_serves_again_without_a_build(world: World) -> None:
    world.serve(A)
    world.reopen()
    world.space.resume(world.build(A))
    world.news.wait(Stage.APP_STARTING, A)
    world.news.wait(Stage.RUNNING, A)
    assert world.runner.built == [A]
    assert world.visit() == A


def test_what_is_no_longer_there_is_built_again(world: World) -> None:
    world.serve(A)
    world.reopen()
    world.runner.built.clear()
    world.space.resume(world.build(A))
    world.news.wait(Stage.RUNNING, A)
    assert world.runner.built == [A]


def test_a_build_that_the_hub_did_not_live_to_see_is_begun_again(world: World) -> None:
    world.serve(A)
    world.runner.hold(B)
    world.space.deploy(world.build(B))
    world.reopen()
    world.space.resume(world.build(B))
    world.news.wait(Stage.RUNNING, B)
    assert world.visit() == B


def test_a_failure_is_remembered_and_the_revision_before_it_serves(world: World) -> None:
    world.serve(A)
    world.fail(B, message="Build failed: it was tried")
    world.reopen()
    world.space.resume(world.build(B))
    until(lambda: world.visit() == A)
    state = world.space.state()
    assert (state.stage, state.sha, state.error_message) == ("BUILD_ERROR", B, "Build failed: it was tried")


def test_a_pause_outlives_the_hub(world: World) -> None:
    world.serve(A)
    world.space.pause()
    world.reopen()
    world.space.resume(world.build(A))
    assert world.space.state().stage == "PAUSED"
    world.supervisor.close()
    assert not world.runner.apps


def test_logs_outlive_the_hub(world: World) -> None:
    world.serve(A)
    before = world.log("build")
    world.reopen()
    assert world.log("build") == before
    assert world.space.log("build").closed


def test_checkouts_do_not_pile_up(world: World) -> None:
    for letter in "abcdef":
        world.serve(commit(letter))
    world.supervisor.close()
    assert len(world.checkouts()) == 1


def test_checkouts_of_a_hub_that_was_killed_are_removed(world: World) -> None:
    world.serve(A)
    world.supervisor.close()
    kept = world.checkouts()
    (world.home / "spaces" / SPACE / "revisions" / "left").mkdir()
    world.open(world.runner)
    world.space.state()
    assert world.checkouts() == kept


def test_closing_twice_is_once(world: World) -> None:
    world.serve(A)
    world.supervisor.close()
    world.supervisor.close()
    assert world.runner.closed == 1
    assert world.runner.apps[0].stopped.is_set()


# Faults --------------------------------------------------------------------------------------------------


def test_stuck_build_lasts_until_it_is_taken_back(world: World) -> None:
    world.space.fault("stuck_build", True)
    world.space.deploy(world.build(A))
    until(lambda: "Build Queued" in world.log("build"))
    assert world.space.state().stage == "BUILDING"
    assert world.runner.built == []
    world.space.fault("stuck_build", None)
    world.news.wait(Stage.RUNNING, A)


def test_stale_running_reports_the_old_commit(world: World) -> None:
    world.serve(A)
    world.space.fault("stale_running", True)
    world.space.deploy(world.build(B))
    until(lambda: world.visit() == B)
    state = world.space.state()
    assert (state.stage, state.sha) == ("RUNNING", A)
    world.space.fault("stale_running", None)
    world.news.wait(Stage.RUNNING, B)


def test_crash_at_boot_fails_the_new_and_spares_the_old(world: World) -> None:
    world.serve(A)
    world.space.fault("crash_at_boot", True)
    world.space.deploy(world.build(B))
    assert "Exit code: 1" in str(world.news.wait(Stage.RUNTIME_ERROR, B).error_message)
    assert world.visit() == A


def test_slow_build_takes_longer(world: World) -> None:
    world.space.fault("slow_build", 3600)
    world.space.deploy(world.build(A))
    until(lambda: "Build Queued" in world.log("build"))
    assert world.runner.built == []
    world.space.fault("slow_build", None)
    world.space.deploy(world.build(A))
    world.news.wait(Stage.RUNNING, A)


def test_an_unknown_fault_is_refused_with_those_there_are(world: World) -> None:
    with pytest.raises(ValueError, match="stuck_build"):
        world.space.fault("earthquake", True)
    with pytest.raises(ValueError, match="seconds"):
        world.space.fault("slow_build", "long")
    with pytest.raises(ValueError, match="bytes"):
        world.space.fault("little_memory", True)


# What is used --------------------------------------------------------------------------------------------


def test_what_an_app_uses_is_told_of_the_size_it_was_given(world: World) -> None:
    world.serve(A, size=Size(cpus=8, memory=32 * GIB))
    reading = world.space.usage()
    assert (reading.usage, reading.size.told) == (Usage(memory=1_000, cpu=2.0), "32Gi")
    replica = reading.replica
    world.serve(B)
    assert world.space.usage().replica != replica


def test_of_a_space_that_does_not_run_nothing_is_told(world: World) -> None:
    for _ in range(2):
        with pytest.raises(UsageUnknown) as caught:
            world.space.usage()
        assert not caught.value.running
        world.serve(A)
        world.space.pause()


def test_little_memory_is_given_to_what_starts_from_then_on(world: World) -> None:
    world.serve(A)
    world.space.fault("little_memory", 64 * MIB)
    assert world.space.usage().size.told == "16Gi"
    world.serve(B)
    assert world.space.usage().size.told == "64Mi"
    assert world.runner.apps[-1].build.size.memory == 64 * MIB


def test_an_app_that_dies_while_it_is_asked_is_told_to_be_gone(world: World) -> None:
    world.serve(A)
    [app] = world.runner.apps
    dying = threading.Thread(target=app.crash, args=(137,))

    def tell() -> Usage:
        dying.start()
        raise UsageUnknown("It does not answer any more")

    app.tell = tell
    with pytest.raises(UsageUnknown) as caught:
        world.space.usage()
    assert not caught.value.running
    assert world.space.state().stage == "RUNTIME_ERROR"
    dying.join()


def test_an_app_that_lives_and_tells_nothing_is_told_to_run(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def tell() -> Usage:
        raise UsageUnknown("It has no words for that")

    monkeypatch.setattr(space, "_DEATH", 0.01)
    world.serve(A)
    world.runner.apps[0].tell = tell
    with pytest.raises(UsageUnknown, match="It has no words for that") as caught:
        world.space.usage()
    assert caught.value.running
