"""A plan that is carried out leaves nothing to plan: for whatever is on a Space, and whatever it should be."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random

import pytest

from deploy.secret import Secret
from deploy.space.apply import Journal, apply, undo_settings
from deploy.space.changes import CreateSpace, RemoveSecret, RemoveVariable, SetSecret
from deploy.space.history import mark_good
from deploy.space.model import Runtime
from deploy.space.observe import observe
from deploy.space.plan import Desired, Plan, make_plan
from deploy.space.rollback import restoring_operations
from deploy.space.secrets import describe
from tests.unit.space.builders import desired, foreign, rule, settings, variable
from tests.unit.space.memory_hub import MemoryHub

PATHS = ("Dockerfile", "main.py", "app/db.py", "app/routes/tasks.py", "app/routes.py", "m.bin", ".gitattributes")
NAMES = ("A", "B", "C", "D")
STAGES = ("RUNNING", "PAUSED", "SLEEPING", "BUILDING", "RUNTIME_ERROR", "BUILD_ERROR", "NO_APP_FILE")
EMPTY = ("", "0", "1")


def contents(random: Random) -> dict[str, bytes]:
    return {path: random.choice((b"", b"one", b"two")) for path in PATHS if random.random() < 0.6}


@dataclass
class Strict(MemoryHub):
    """A Space that notes the names of settings written while one of the other kind had them."""

    collisions: set[str] = field(default_factory=set)

    def set_variable(self, name: str, value: str, description: str) -> None:
        self.collisions |= {name} & self.stored_secrets.keys()
        super().set_variable(name, value, description)

    def set_secret(self, name: str, value: Secret, description: str) -> None:
        self.collisions |= {name} & self.stored_variables.keys()
        super().set_secret(name, value, description)


def some_hub(random: Random) -> Strict:
    """A Space as anybody may have left it, or none."""
    hub = Strict(hardware=random.choice((None, "cpu-basic", "t4-small")), private=random.random() < 0.5)
    if random.random() < 0.1:
        return hub
    hub.lfs = {"m.bin"} if random.random() < 0.5 else set()
    hub.land(contents(random))
    stage = random.choice(STAGES)
    hub.stages = [] if stage == "RUNNING" else [Runtime(stage=stage, sha=hub.head, hardware=hub.hardware)]
    for name in NAMES:
        if random.random() < 0.5:
            hub.stored_variables[name] = variable(random.choice(EMPTY), ours=random.random() < 0.7)
        if random.random() < 0.4:
            ours = describe(Secret(random.choice(("one", "two"))), hub.traffic.now)
            hub.stored_secrets[name] = foreign(random.choice((None, "by hand", ours)))
    hub.traffic.pass_by(random.choice((0.0, 100.0, 10_000.0)))
    return hub


def some_desire(random: Random) -> Desired:
    variables = {name: random.choice(EMPTY) for name in NAMES if random.random() < 0.4}
    others = [name for name in NAMES if name not in variables]
    secrets = {name: random.choice(("one", "two")) for name in others if random.random() < 0.5}
    made = tuple(rule(name, generate="hex:32") for name in others if name not in secrets and random.random() < 0.5)
    wanted = settings(
        variables,
        secrets,
        rules=made,
        hardware=random.choice(("cpu-basic", "t4-small")),
        visibility=random.choice(("public", "private")),
    )
    return desired(contents(random), wanted)


def carry_out(hub: MemoryHub, wanted: Desired, plan: Plan) -> Journal:
    """In the order of a deploy."""
    journal = Journal()
    apply(hub.client, [change for change in plan.changes if isinstance(change, CreateSpace)], journal)
    apply(hub.client, plan.settings, journal)
    if plan.files:
        hub.client.commit(plan.files.operations, title="t", message="m", parent=hub.head)
    if plan.changes:
        hub.stages = []
    apply(hub.client, plan.removals, journal)
    mark_good(hub.client, hub.head)
    return journal


def test_a_plan_that_is_carried_out_leaves_nothing_to_plan(subtests: pytest.Subtests) -> None:
    for seed in range(150):
        with subtests.test(seed=seed):
            carried_out(Random(seed))


def carried_out(random: Random) -> None:
    hub, wanted = some_hub(random), some_desire(random)
    foreign_before = {name: row for name, row in hub.stored_variables.items() if row.description is None}
    carry_out(hub, wanted, make_plan(wanted, observe(hub.client, wanted.entries)))
    again = make_plan(wanted, observe(hub.client, wanted.entries))
    assert again.changes == ()
    assert {path: hub.files[path] for path in wanted.files} == {
        path: file.content for path, file in wanted.files.items()
    }
    assert foreign_before.keys() <= hub.stored_variables.keys() | wanted.settings.rules.keys()
    declared = wanted.settings.variables.keys() | wanted.settings.rules.keys()
    assert not declared & hub.stored_variables.keys() & hub.stored_secrets.keys()
    assert hub.collisions == set()
    if hub.hardware is not None:
        assert hub.hardware == wanted.settings.hardware
    assert hub.private == (wanted.settings.visibility == "private")


def test_a_release_that_is_taken_back_leaves_what_was_there(subtests: pytest.Subtests) -> None:
    for seed in range(60):
        with subtests.test(seed=seed):
            taken_back(Random(seed))


def taken_back(random: Random) -> None:
    hub, wanted = some_hub(random), some_desire(random)
    if not hub.history:
        return
    before, good = (dict(hub.files), hub.hardware, hub.private), hub.head
    both = hub.stored_variables.keys() & hub.stored_secrets.keys()
    values = {name: value for name, value in hub.values.items() if name not in both}
    secrets = set(hub.stored_secrets)
    journal = carry_out(hub, wanted, make_plan(wanted, observe(hub.client, wanted.entries)))
    lasting = undo_settings(hub.client, journal)
    operations = restoring_operations(hub.client, good=good, head=hub.head)
    if operations:
        hub.client.commit(operations, title="back", message="", parent=hub.head)
    assert (dict(hub.files), hub.hardware, hub.private) == before
    assert {name: value for name, value in hub.values.items() if name not in both} == values
    removed = {change.name for change in journal.written if isinstance(change, RemoveSecret)}
    changed = {change.name for change in journal.written if isinstance(change, SetSecret) and change.name in secrets}
    crowded = {change.name for change in journal.written if isinstance(change, RemoveVariable) and change.old is None}
    assert set(hub.stored_secrets) == secrets - removed
    assert len(lasting) == len(removed) + len(changed) + len(crowded)
    assert hub.collisions == set()
