"""What would change is a value: complete, in order, and empty when nothing differs."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from deploy.errors import WrongSdk
from deploy.secret import Secret, matches
from deploy.source.objects import blob_oid
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
    Verify,
    WriteFiles,
)
from deploy.space.model import RemoteEntry, StoredSecret, StoredVariable
from deploy.space.observe import Observed
from deploy.space.plan import DesiredSettings, Plan, make_plan, make_rotation_plan, make_settings_plan
from tests.unit.space.builders import HEAD, desired, desired_file, foreign, rule, settings, space_info, stored, variable

MADE = Secret("made-by-a-generator")


def planned(
    wanted: DesiredSettings | None = None,
    *,
    variables: Mapping[str, StoredVariable] | None = None,
    secrets: Mapping[str, StoredSecret] | None = None,
    **info: object,
) -> Plan:
    """A plan for a Space whose files are as they should be."""
    observed = Observed(
        info=space_info(**info),  # type: ignore[arg-type]
        variables=variables or {},
        secrets=secrets or {},
        good=True,
    )
    return make_plan(desired(wanted=wanted), observed, make=lambda _: MADE)


def planned_files(wanted: Mapping[str, bytes], remote: Mapping[str, RemoteEntry], **info: object) -> tuple[Change, ...]:
    observed = Observed(info=space_info(**info), files=remote, good=True)  # type: ignore[arg-type]
    return make_plan(desired(wanted), observed).changes


def remote(path: str, content: bytes) -> RemoteEntry:
    return RemoteEntry(path=path, kind="file", oid=blob_oid(content), size=len(content))


def remotes(**contents: bytes) -> dict[str, RemoteEntry]:
    return {name: remote(name, content) for name, content in contents.items()}


# No Space yet --------------------------------------------------------------------------------------------


def test_a_missing_space_is_created_with_all_its_settings_and_then_filled() -> None:
    wanted = settings(
        {"LEVEL": "info"},
        {"KEY": "value"},
        rules=(rule("MADE", generate="hex:32"), rule("OPTIONAL", required=False)),
        hardware="t4-small",
        visibility="private",
    )
    plan = make_plan(desired({"a": b"1", "b": b"22"}, wanted), Observed(info=None), make=lambda _: MADE)
    assert plan.changes == (
        CreateSpace(
            hardware="t4-small",
            visibility="private",
            variables={"LEVEL": "info"},
            secrets={"KEY": Secret("value"), "MADE": MADE},
        ),
        WriteFiles(added=(desired_file("a", b"1"), desired_file("b", b"22"))),
    )
    assert (plan.settings, plan.removals, plan.lacking) == ((), (), ())


def test_a_secret_that_is_nowhere_is_lacking_also_on_a_new_space() -> None:
    plan = make_plan(desired(wanted=settings(rules=(rule("KEY"), rule("ANOTHER")))), Observed(info=None))
    assert plan.lacking == ("ANOTHER", "KEY")


# Nothing to do -------------------------------------------------------------------------------------------


def test_a_space_that_is_as_it_should_be_needs_no_change() -> None:
    plan = planned(
        settings({"LEVEL": "info"}, {"KEY": "value"}, rules=(rule("KEPT"),)),
        variables={"LEVEL": variable("info")},
        secrets={"KEY": stored("value"), "KEPT": foreign()},
    )
    assert not plan
    assert (plan.changes, plan.notes, plan.lacking, plan.files) == ((), (), (), None)


def test_files_that_prove_equal_one_by_one_are_no_change() -> None:
    assert planned_files({"a": b"1"}, remotes(a=b"1")) == ()


@pytest.mark.parametrize("hardware", [None, "cpu-basic"])
def test_hardware_that_the_hub_does_not_tell_is_no_difference(hardware: str | None) -> None:
    assert not planned(settings(hardware="cpu-basic"), hardware=hardware)


# Settings ------------------------------------------------------------------------------------------------

ONE_DIFFERENCE: dict[str, tuple[Callable[[], Plan], Change]] = {
    "new variable": (lambda: planned(settings({"A": "1"})), SetVariable(name="A", value="1", old=None)),
    "changed variable": (
        lambda: planned(settings({"A": "1"}), variables={"A": variable("0")}),
        SetVariable(name="A", value="1", old="0"),
    ),
    "somebody else's variable with another value": (
        lambda: planned(settings({"A": "1"}), variables={"A": variable("0", ours=False)}),
        SetVariable(name="A", value="1", old="0"),
    ),
    "empty variable": (
        lambda: planned(settings({"A": ""}), variables={"A": variable("0")}),
        SetVariable(name="A", value="", old="0"),
    ),
    "variable no longer declared": (lambda: planned(variables={"A": variable("0")}), RemoveVariable(name="A", old="0")),
    "new secret": (
        lambda: planned(settings(secrets={"A": "1"})),
        SetSecret(name="A", value=Secret("1"), state="missing"),
    ),
    "generated secret": (
        lambda: planned(settings(rules=(rule("A", generate="hex:32"),))),
        SetSecret(name="A", value=MADE, state="generated"),
    ),
    "secret no longer declared": (
        lambda: planned(secrets={"A": foreign("Set by spacewright at 2026-11-22T20:00:00Z, fingerprint AAAA.BBBB")}),
        RemoveSecret(name="A"),
    ),
    "hardware": (
        lambda: planned(settings(hardware="t4-small")),
        SetHardware(value="t4-small", old="cpu-basic"),
    ),
    "made private": (
        lambda: planned(settings(visibility="private")),
        SetVisibility(value="private", old="public"),
    ),
    "made public": (
        lambda: planned(settings(visibility="public"), private=True),
        SetVisibility(value="public", old="private"),
    ),
    "made protected": (
        lambda: planned(settings(visibility="protected"), private=True),
        SetVisibility(value="protected", old="private"),
    ),
}


@pytest.mark.parametrize(("plan", "change"), ONE_DIFFERENCE.values(), ids=ONE_DIFFERENCE.keys())
def test_one_difference_is_one_change(plan: Callable[[], Plan], change: Change) -> None:
    found = plan()
    assert found.changes == (change,)
    assert found


def test_one_of_twenty_settings_is_one_change() -> None:
    names = [f"NAME_{number}" for number in range(10)]
    plan = planned(
        settings(dict.fromkeys(names, "1") | {"NAME_4": "2"}, {f"S_{name}": "v" for name in names}),
        variables={name: variable("1") for name in names},
        secrets={f"S_{name}": stored("v") for name in names},
    )
    assert plan.changes == (SetVariable(name="NAME_4", value="2", old="1"),)


def test_what_somebody_else_put_there_stays_and_is_told() -> None:
    plan = planned(variables={"THEIRS": variable("1", ours=False)}, secrets={"THEIR_KEY": foreign()})
    assert plan.changes == ()
    assert plan.notes == (
        "variable THEIRS is on the Space and not declared; not ours, left alone",
        "secret THEIR_KEY is on the Space and not declared; not ours, left alone",
    )


def test_a_secret_that_was_edited_elsewhere_and_has_no_value_here_is_told() -> None:
    plan = planned(settings(rules=(rule("KEY"),)), secrets={"KEY": late()})
    assert plan.changes == ()
    assert plan.notes == ("secret KEY was edited by someone else; kept, as no value is given here",)


def test_a_secret_that_was_edited_elsewhere_is_written_again_where_a_value_is_given() -> None:
    plan = planned(settings(secrets={"KEY": "value"}), secrets={"KEY": late()})
    assert plan.changes == (SetSecret(name="KEY", value=Secret("value"), state="edited elsewhere"),)
    assert plan.notes == ()


def late() -> StoredSecret:
    """Written by us on a day long before its date."""
    return foreign("Set by spacewright at 2026-01-01T00:00:00Z, fingerprint AAAA.BBBB")


def test_removals_come_last_and_the_rest_before_the_commit() -> None:
    wanted = settings({"B": "1", "A": "1"}, {"KEY": "v"}, hardware="t4-small", visibility="private")
    observed = Observed(info=space_info(stage="PAUSED"), files={}, variables={"OLD": variable("0")})
    plan = make_plan(desired({"a": b"1"}, wanted), observed)
    assert [type(change) for change in plan.changes] == [
        SetVariable,
        SetVariable,
        SetSecret,
        SetHardware,
        SetVisibility,
        WriteFiles,
        Restart,
        RemoveVariable,
    ]
    assert [type(change) for change in plan.settings] == [
        SetVariable,
        SetVariable,
        SetSecret,
        SetHardware,
        SetVisibility,
        Restart,
    ]
    assert plan.removals == (RemoveVariable(name="OLD", old="0"),)
    assert plan.files == WriteFiles(added=(desired_file("a", b"1"),))
    assert [change.name for change in plan.settings if isinstance(change, SetVariable)] == ["A", "B"]


# Files ---------------------------------------------------------------------------------------------------


def test_files_are_added_changed_and_deleted_in_one_commit() -> None:
    wanted = {"same": b"1", "new": b"22", "changed": b"333"}
    on_space = remotes(same=b"1", changed=b"3", old=b"4")
    assert planned_files(wanted, on_space) == (
        WriteFiles(added=(desired_file("new", b"22"),), changed=(desired_file("changed", b"333"),), deleted=("old",)),
    )


def test_what_the_hub_put_there_is_not_deleted() -> None:
    on_space = {".gitattributes": remote(".gitattributes", b"lfs"), "app/.gitattributes": remote("app/.x", b"")}
    (files,) = planned_files({}, on_space)
    assert isinstance(files, WriteFiles)
    assert files.deleted == ("app/.gitattributes",)


def test_the_sources_own_file_of_that_name_is_shipped() -> None:
    on_space = {".gitattributes": remote(".gitattributes", b"lfs")}
    (files,) = planned_files({".gitattributes": b"* text"}, on_space)
    assert isinstance(files, WriteFiles)
    assert [file.path for file in files.changed] == [".gitattributes"]


def large(content: bytes, *, size: int | None = None) -> RemoteEntry:
    sha256 = hashlib.sha256(content).hexdigest()
    return RemoteEntry(path="m.bin", kind="file", oid="f" * 40, size=size or len(content), lfs=sha256)


def test_a_file_in_lfs_is_compared_by_its_content(tmp_path: Path) -> None:
    assert planned_files({"m.bin": b"weights"}, {"m.bin": large(b"weights")}) == ()
    for other in (large(b"WEIGHTS"), large(b"weights", size=99)):
        (files,) = planned_files({"m.bin": b"weights"}, {"m.bin": other})
        assert isinstance(files, WriteFiles)
        assert [file.path for file in files.changed] == ["m.bin"]


def test_a_file_in_lfs_is_read_from_where_it_lies(tmp_path: Path) -> None:
    path = tmp_path / "m.bin"
    path.write_bytes(b"weights")
    file = DesiredFile(path="m.bin", size=7, oid=blob_oid(b"weights"), content=path)
    assert file.equals(large(b"weights"))
    assert not file.equals(large(b"Weights"))


# Starting what does not run ------------------------------------------------------------------------------


@pytest.mark.parametrize("stage", ["PAUSED", "STOPPED", "SLEEPING"])
def test_a_space_that_was_put_to_rest_is_started(stage: str) -> None:
    assert planned(stage=stage).changes == (Restart(stage=stage, factory=False),)


def test_a_space_at_rest_is_started_beside_other_changes() -> None:
    assert [type(change) for change in planned_files({"a": b"1"}, {}, stage="PAUSED")] == [WriteFiles, Restart]


@pytest.mark.parametrize(
    ("stage", "factory"),
    [("RUNTIME_ERROR", False), ("CONFIG_ERROR", False), ("NO_APP_FILE", False), ("BUILD_ERROR", True)],
)
def test_a_space_that_failed_with_the_right_content_is_started_anew(stage: str, factory: bool) -> None:
    assert planned(stage=stage).changes == (Restart(stage=stage, factory=factory),)


@pytest.mark.parametrize("stage", ["RUNTIME_ERROR", "BUILD_ERROR"])
def test_a_space_that_failed_is_started_by_any_other_change(stage: str) -> None:
    assert [type(change) for change in planned_files({"a": b"1"}, {}, stage=stage)] == [WriteFiles]
    assert [type(change) for change in planned(settings({"A": "1"}), stage=stage).changes] == [SetVariable]


@pytest.mark.parametrize("stage", ["RUNNING", "BUILDING", "RUNNING_BUILDING", "APP_STARTING", "A_NEW_STAGE"])
def test_a_space_that_runs_or_will_is_not_started(stage: str) -> None:
    assert planned(stage=stage).changes == ()


# Never verified ------------------------------------------------------------------------------------------


def unverified(wanted: DesiredSettings | None = None, **info: object) -> Plan:
    """A Space that is as it should be, and nobody recorded it as good."""
    return make_plan(desired(wanted=wanted), Observed(info=space_info(**info)))  # type: ignore[arg-type]


def test_what_was_never_verified_is_not_unchanged() -> None:
    assert unverified().changes == (Verify(commit=HEAD),)
    assert (unverified().verifies, unverified().settings, unverified().removals) == (True, (), ())
    assert not planned().verifies


def test_it_is_verified_after_what_is_written_and_started() -> None:
    plan = unverified(settings({"A": "1"}), stage="PAUSED")
    assert [type(change) for change in plan.changes] == [SetVariable, Restart, Verify]
    assert [type(change) for change in unverified(stage="RUNTIME_ERROR").changes] == [Restart, Verify]


def test_a_new_commit_is_verified_as_itself() -> None:
    plan = make_plan(desired({"a": b"1"}), Observed(info=space_info(), files={}))
    assert [type(change) for change in plan.changes] == [WriteFiles]


def test_settings_alone_do_not_verify_what_serves() -> None:
    assert make_settings_plan(settings(), Observed(info=space_info()), space_info()).changes == ()


# A name is one setting of one kind -----------------------------------------------------------------------

SECRET, VARIABLE = settings(secrets={"A": "v"}), settings({"A": "1"})
WRITE_SECRET = SetSecret(name="A", value=Secret("v"), state="missing")
KIND_CHANGES: dict[str, tuple[Callable[[], Plan], tuple[Change, ...]]] = {
    "a variable becomes a secret": (
        lambda: planned(SECRET, variables={"A": variable("0")}),
        (RemoveVariable(name="A", old="0", first=True), WRITE_SECRET),
    ),
    "a variable by hand, too": (
        lambda: planned(SECRET, variables={"A": variable("0", ours=False)}),
        (RemoveVariable(name="A", old="0", first=True), WRITE_SECRET),
    ),
    "a variable by hand beside the secret": (
        lambda: planned(SECRET, secrets={"A": stored("v")}, variables={"A": variable("0", ours=False)}),
        (RemoveVariable(name="A", old=None, first=True),),
    ),
    "a variable by hand beside a secret whose value is not known here": (
        lambda: planned(settings(rules=(rule("A"),)), secrets={"A": foreign()}, variables={"A": variable("0")}),
        (RemoveVariable(name="A", old=None, first=True),),
    ),
    "a secret becomes a variable": (
        lambda: planned(VARIABLE, secrets={"A": stored("v")}),
        (RemoveSecret(name="A", first=True), SetVariable(name="A", value="1", old=None)),
    ),
    "a secret by hand beside the variable": (
        lambda: planned(VARIABLE, secrets={"A": foreign()}, variables={"A": variable("1")}),
        (RemoveSecret(name="A", first=True),),
    ),
    "a variable of a secret that is nowhere": (
        lambda: planned(settings(rules=(rule("A", required=False),)), variables={"A": variable("0")}),
        (RemoveVariable(name="A", old="0"),),
    ),
    "both are ours, and neither is declared": (
        lambda: planned(secrets={"A": stored("v")}, variables={"A": variable("0")}),
        (RemoveVariable(name="A", old=None), RemoveSecret(name="A")),
    ),
}


@pytest.mark.parametrize(("plan", "changes"), KIND_CHANGES.values(), ids=KIND_CHANGES.keys())
def test_the_old_kind_goes_before_the_new_one_comes(plan: Callable[[], Plan], changes: tuple[Change, ...]) -> None:
    made = plan()
    assert made.changes == changes
    assert made.settings == tuple(change for change in changes if getattr(change, "first", True))
    assert made.notes == ()


def test_a_space_that_failed_for_having_both_kinds_is_started_anew() -> None:
    plan = planned(VARIABLE, variables={"A": variable("1")}, secrets={"A": foreign()}, stage="CONFIG_ERROR")
    assert plan.settings == (RemoveSecret(name="A", first=True), Restart(stage="CONFIG_ERROR", factory=False))


def test_both_kinds_of_somebody_else_are_told() -> None:
    plan = planned(variables={"A": variable("0", ours=False)}, secrets={"A": foreign()})
    assert plan.changes == ()
    assert plan.notes[-1] == (
        "secret A is on the Space and not declared; not ours, left alone; the Hub starts no Space with both"
    )


def test_the_old_kind_goes_first_where_settings_alone_are_written() -> None:
    observed = Observed(info=space_info(), variables={"A": variable("0")})
    plan = make_settings_plan(SECRET, observed, space_info())
    assert plan.settings == (RemoveVariable(name="A", old="0", first=True), WRITE_SECRET)


def test_the_old_kind_goes_before_a_rotated_secret_comes() -> None:
    observed = Observed(info=space_info(), variables={"A": variable("0")})
    plan = make_rotation_plan("A", Secret("v"), observed)
    assert plan.settings == (RemoveVariable(name="A", old="0", first=True), WRITE_SECRET)
    both = Observed(info=space_info(), variables={"A": variable("0")}, secrets={"A": stored("old")})
    first, change = make_rotation_plan("A", Secret("v"), both).settings
    assert first == RemoveVariable(name="A", old=None, first=True)
    assert isinstance(change, SetSecret)
    assert (change.value, change.state, change.new) == (Secret("v"), "rotated", False)
    assert matches(Secret("old"), *change.superseded)


# Rotated out ---------------------------------------------------------------------------------------------


def test_a_value_that_was_rotated_out_is_no_change_and_named() -> None:
    plan = planned(SECRET, secrets={"A": stored("new", "v")})
    assert (plan.changes, plan.superseded) == ((), ("A",))


def test_it_is_a_change_for_who_insists() -> None:
    plan = planned(replace(SECRET, older=True), secrets={"A": stored("new", "v")})
    assert (plan.changes, plan.superseded) == ((SetSecret(name="A", value=Secret("v"), state="changed"),), ())


def test_what_was_rotated_out_stays_known_beside_another_value() -> None:
    (change,) = planned(SECRET, secrets={"A": stored("new", "old")}).changes
    assert isinstance(change, SetSecret)
    assert matches(Secret("old"), *change.superseded)


# Another SDK, settings alone -----------------------------------------------------------------------------


@pytest.mark.parametrize("sdk", ["gradio", "static", None])
def test_a_space_of_another_sdk_is_refused(sdk: str | None) -> None:
    with pytest.raises(WrongSdk, match=f"owner/tasks is a {sdk} Space, not a Docker Space"):
        planned(sdk=sdk)


def test_settings_alone_leave_the_files_alone() -> None:
    observed = Observed(info=space_info(stage="RUNTIME_ERROR"), variables={"OLD": variable("0")})
    plan = make_settings_plan(settings({"A": "1"}), observed, space_info(stage="RUNTIME_ERROR"))
    assert plan.changes == (SetVariable(name="A", value="1", old=None), RemoveVariable(name="OLD", old="0"))


def test_the_commit_that_serves_is_known_only_when_it_is_the_head() -> None:
    assert Observed(info=space_info()).serving == HEAD
    assert Observed(info=space_info(sha="b" * 40)).serving is None
    assert Observed(info=space_info(stage="RUNNING_BUILDING")).serving is None
    assert Observed(info=None).serving is None
