"""What is written is noted before it is sent, and variables can be put back."""

from __future__ import annotations

from pathlib import Path

import pytest

from deploy.errors import HubBroken
from deploy.secret import Secret, matches
from deploy.space.apply import Journal, apply, undo_settings
from deploy.space.changes import (
    Change,
    CreateSpace,
    DesiredFile,
    RemoveSecret,
    RemoveVariable,
    Restart,
    SetHardware,
    SetSecret,
    SetVariable,
    SetVisibility,
    WriteFiles,
)
from deploy.space.model import Runtime
from deploy.space.operations import Delete, Write
from deploy.space.secrets import VARIABLE_DESCRIPTION, Mark
from tests.unit.space.asked import EPOCH
from tests.unit.space.builders import desired_file, foreign, variable
from tests.unit.space.memory_hub import MemoryHub

FILES = WriteFiles(added=(desired_file("a", b"1"),), changed=(desired_file("b", b"2"),), deleted=("c",))


@pytest.fixture
def hub() -> MemoryHub:
    hub = MemoryHub(stored_variables={"OLD": variable("old"), "SAME": variable("before")})
    hub.land({"a": b"1"})
    return hub


def applied(hub: MemoryHub, *changes: Change) -> Journal:
    journal = Journal()
    apply(hub.client, changes, journal)
    return journal


def mark(hub: MemoryHub, name: str) -> Mark:
    found = Mark.parse(hub.stored_secrets[name].description)
    assert found is not None
    return found


# Writing -------------------------------------------------------------------------------------------------


def test_a_space_is_created_with_its_settings_in_one_request() -> None:
    hub = MemoryHub()
    applied(
        hub,
        CreateSpace(hardware="t4-small", visibility="private", variables={"A": "1"}, secrets={"KEY": Secret("v")}),
        FILES,
    )
    assert hub.asked == ["create"]
    assert (hub.hardware, hub.private) == ("t4-small", True)
    assert hub.stored_variables["A"].description == VARIABLE_DESCRIPTION
    assert matches(Secret("v"), mark(hub, "KEY").fingerprint)


def test_each_change_is_one_request_in_order(hub: MemoryHub) -> None:
    hub.stages = [Runtime(stage="PAUSED")]
    hub.stored_secrets = {"GONE": foreign(), "STAYS": foreign()}
    applied(
        hub,
        SetVariable(name="A", value="1", old=None),
        SetSecret(name="KEY", value=Secret("v"), state="missing"),
        SetHardware(value="t4-small", old="cpu-basic"),
        SetVisibility(value="private", old="public"),
        FILES,
        Restart(stage="PAUSED", factory=False),
        RemoveVariable(name="OLD", old="old"),
        RemoveSecret(name="GONE"),
    )
    assert hub.asked == [
        "set_variable",
        "set_secret",
        "set_hardware",
        "set_visibility",
        "restart",
        "delete_variable",
        "delete_secret",
    ]
    assert hub.values == {"A": "1", "SAME": "before"}
    assert set(hub.stored_secrets) == {"KEY", "STAYS"}
    assert (hub.hardware, hub.private, hub.stages) == ("t4-small", True, [])


def test_what_we_write_is_marked_as_ours_with_the_hubs_time(hub: MemoryHub) -> None:
    hub.traffic.pass_by(90)
    applied(hub, SetVariable(name="A", value="1", old=None), SetSecret(name="KEY", value=Secret("v"), state="missing"))
    assert hub.stored_variables["A"].description == VARIABLE_DESCRIPTION
    assert (mark(hub, "KEY").at - EPOCH).total_seconds() == 90


def test_what_was_rotated_out_is_remembered_on_the_hub(hub: MemoryHub) -> None:
    applied(hub, SetSecret(name="KEY", value=Secret("v"), state="rotated", superseded=("AAAA.BBBB",)))
    assert mark(hub, "KEY").superseded == ("AAAA.BBBB",)


# The journal ---------------------------------------------------------------------------------------------


def test_a_change_whose_answer_is_lost_is_in_the_journal(hub: MemoryHub) -> None:
    hub.fail("set_variable", HubBroken("lost"), lost=True)
    journal = Journal()
    with pytest.raises(HubBroken):
        apply(hub.client, [SetVariable(name=name, value="1", old=None) for name in "AB"], journal)
    assert journal.lines == ("+ variable        A = '1'",)
    assert hub.values["A"] == "1"


def test_a_journal_is_empty_until_something_is_written() -> None:
    assert not Journal()
    assert Journal(written=[FILES])
    assert Journal(commit="a" * 40).lines == ("commit aaaaaaaaaaaa on main",)


def test_each_change_is_one_line_of_the_journal(hub: MemoryHub) -> None:
    journal = Journal(written=[FILES, RemoveSecret(name="KEY")], commit="a" * 40)
    assert journal.lines == (
        "~ files           1 added, 1 changed, 1 deleted, 0.0 kB, in one commit",
        "- secret          KEY, after the new release serves",
        "commit aaaaaaaaaaaa on main",
    )


# Back ----------------------------------------------------------------------------------------------------


def test_variables_hardware_and_visibility_are_put_back(hub: MemoryHub) -> None:
    before = (hub.values, hub.hardware, hub.private)
    journal = applied(
        hub,
        SetVariable(name="NEW", value="1", old=None),
        SetVariable(name="SAME", value="1", old="before"),
        SetVariable(name="SAME", value="2", old="1"),
        RemoveVariable(name="OLD", old="old"),
        SetHardware(value="t4-small", old="cpu-basic"),
        SetVisibility(value="private", old="public"),
        Restart(stage="PAUSED", factory=False),
    )
    assert undo_settings(hub.client, journal) == ()
    assert (hub.values, hub.hardware, hub.private) == before
    assert hub.stored_variables["OLD"].description == VARIABLE_DESCRIPTION


def test_a_variable_that_was_empty_is_put_back_empty(hub: MemoryHub) -> None:
    journal = applied(hub, SetVariable(name="EMPTY", value="1", old=""))
    undo_settings(hub.client, journal)
    assert hub.values["EMPTY"] == ""


def test_what_cannot_be_put_back_is_told(hub: MemoryHub) -> None:
    journal = Journal(
        written=[
            CreateSpace(hardware="cpu-basic", visibility="public", variables={}, secrets={}),
            SetSecret(name="KEY", value=Secret("v"), state="changed"),
            RemoveSecret(name="OLD_KEY"),
        ]
    )
    assert undo_settings(hub.client, journal) == (
        "secret OLD_KEY was removed and cannot be brought back",
        "secret KEY keeps its new value: the Hub does not give the old one back",
        "the Space was created and stays",
    )
    assert hub.writes == []


def test_a_secret_that_was_not_there_before_is_removed_again(hub: MemoryHub) -> None:
    journal = applied(
        hub,
        SetSecret(name="KEY", value=Secret("v"), state="missing"),
        SetSecret(name="MADE", value=Secret("v"), state="generated"),
    )
    assert undo_settings(hub.client, journal) == ()
    assert hub.stored_secrets == {}


def test_a_variable_that_became_a_secret_is_one_again(hub: MemoryHub) -> None:
    journal = applied(
        hub,
        RemoveVariable(name="SAME", old="before", first=True),
        SetSecret(name="SAME", value=Secret("v"), state="missing"),
    )
    assert undo_settings(hub.client, journal) == ()
    assert hub.values == {"OLD": "old", "SAME": "before"}
    assert hub.writes == ["delete_variable", "set_secret", "delete_secret", "set_variable"]


def test_a_variable_is_not_put_back_beside_a_secret_of_its_name(hub: MemoryHub) -> None:
    hub.stored_secrets = {"SAME": foreign()}
    journal = applied(hub, RemoveVariable(name="SAME", old=None, first=True))
    assert undo_settings(hub.client, journal) == ("variable SAME stays removed: there is a secret of that name",)
    assert hub.values == {"OLD": "old"}


# Files ---------------------------------------------------------------------------------------------------


def test_the_files_of_a_plan_become_the_operations_of_one_commit(tmp_path: Path) -> None:
    on_disk = DesiredFile(path="b", size=1, oid="0" * 40, content=tmp_path / "b")
    files = WriteFiles(added=(desired_file("a", b"1"),), changed=(on_disk,), deleted=("c",))
    writes = [operation for operation in files.operations if isinstance(operation, Write)]
    assert [(write.path, write.content) for write in writes] == [("a", b"1"), ("b", tmp_path / "b")]
    assert files.operations[2:] == (Delete(path="c"),)
