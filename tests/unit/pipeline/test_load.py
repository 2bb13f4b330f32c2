"""The load by itself: when it may be put on, what it says, and who can join."""

from __future__ import annotations

import json

import pytest

from deploy.config import Address
from deploy.errors import ConfigError, ConfirmationNeeded, SpaceNotFound, VerificationFailed
from deploy.pipeline.commands.load import join_load, put_load
from deploy.pipeline.run import Run
from deploy.proof import NotRun
from deploy.verify.check import Check, Seen
from deploy.verify.subject import Subject
from tests.unit.pipeline.builders import TOML, Story
from tests.unit.verify.subjects import NO_TOOLS

HERE = "127.0.0.1:5557"
_QUESTION = r"Put load on owner/tasks \(staging\)\?"


class Load:
    """What the load would see, and the machines that were joined."""

    def __init__(self) -> None:
        self.seen: Seen | NotRun = Seen(text="budgets held")
        self.put = 0
        self.joined: list[tuple[str, Address]] = []

    def run(self, _: Subject) -> Seen:
        self.put += 1
        if isinstance(self.seen, NotRun):
            raise self.seen
        return self.seen

    def take_part(self, _: Subject, model: str, at: Address) -> None:
        if isinstance(self.seen, NotRun):
            raise self.seen
        self.joined.append((model, at))


@pytest.fixture
def load(story: Story) -> Load:
    story.tools = NO_TOOLS
    return Load()


def put(run: Run, load: Load, *, yes: bool = False) -> None:
    put_load(run, yes=yes, check=Check(name="load", asked="it is borne", run=load.run, alone=True))


def join(run: Run, load: Load, at: str = HERE, *, yes: bool = False) -> None:
    join_load(run, at, yes=yes, take_part=load.take_part)


@pytest.fixture
def run(story: Story, load: Load) -> Run:
    story.ship("r1")
    return story.run()


def protected(story: Story) -> Run:
    story.toml = f"{TOML}protected = true\n"
    story.ship("r1")
    return story.run()


def test_what_is_borne_is_said_and_kept(run: Run, load: Load) -> None:
    put(run, load)
    assert (run.verdict, run.proofs["load"].verdict) == ("loaded", "passed")
    assert (run.folder / "evidence.json").is_file()
    assert [step.note for step in run.console.steps if step.name == "load"] == ["budgets held"]


def test_what_is_not_borne_fails_with_its_violations(run: Run, load: Load) -> None:
    load.seen = Seen(text="1 of 2", violations=("p95 is too long",))
    with pytest.raises(VerificationFailed, match=r"owner/tasks serves\. 1 check of the suite failed") as caught:
        put(run, load)
    assert any("p95 is too long" in line for line in caught.value.details)
    assert (run.verdict, run.proofs["load"].verdict) == ("failed", "failed")
    assert json.loads((run.folder / "evidence.json").read_text(encoding="utf-8"))["verdict"] == "failed"


def test_a_load_that_was_not_put_on_is_no_success(run: Run, load: Load) -> None:
    load.seen = NotRun("there is no Locust")
    with pytest.raises(VerificationFailed, match="The load was not put on it") as caught:
        put(run, load)
    assert caught.value.cause == "there is no Locust"


def test_what_does_not_serve_gets_no_load(story: Story, load: Load) -> None:
    story.ship("r1")
    story.broken = {"r1"}
    with pytest.raises(VerificationFailed, match="1 of 3 checks failed"):
        put(story.run(), load)
    assert load.put == 0


def test_where_there_is_no_space_there_is_no_load(story: Story, load: Load) -> None:
    with pytest.raises(SpaceNotFound):
        put(story.run(), load, yes=True)
    with pytest.raises(SpaceNotFound):
        join(story.run(), load, HERE, yes=True)
    assert (load.put, load.joined) == (0, [])


def test_a_protected_target_is_loaded_after_a_yes_only(story: Story, load: Load) -> None:
    run = protected(story)
    with pytest.raises(ConfirmationNeeded, match=_QUESTION):
        put(run, load)
    with pytest.raises(ConfirmationNeeded, match=_QUESTION):
        join(run, load, HERE)
    assert (load.put, load.joined) == (0, [])
    put(run, load, yes=True)
    join(run, load, HERE, yes=True)
    assert (load.put, len(load.joined)) == (1, 2)


def test_whoever_joins_takes_part_in_both_models(run: Run, load: Load) -> None:
    join(run, load, "first-machine:7000")
    at = Address(host="first-machine", port=7000)
    assert load.joined == [("closed", at), ("open", at)]
    assert run.verdict == "joined"


@pytest.mark.parametrize("at", ["5557", "first-machine", "first-machine:http", "first-machine:80", "http://first:5557"])
def test_what_is_joined_is_a_host_and_a_port(run: Run, load: Load, at: str, story: Story) -> None:
    story.hub.asked.clear()
    with pytest.raises(ConfigError, match=r"No load can be joined: .* is not a host and a port"):
        join(run, load, at)
    assert story.hub.asked == []


def test_without_the_tools_nothing_is_joined(run: Run, load: Load) -> None:
    load.seen = NotRun("there is no Locust")
    with pytest.raises(VerificationFailed, match="This machine cannot take part") as caught:
        join(run, load, HERE)
    assert caught.value.cause == "there is no Locust"
