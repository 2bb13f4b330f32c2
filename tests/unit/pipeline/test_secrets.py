"""Settings without files: compared, made as declared, and a secret given a new value."""

from __future__ import annotations

from io import StringIO

import pytest

from deploy.errors import (
    ConfigError,
    ConfirmationNeeded,
    MissingSecret,
    NotAllowed,
    RollbackFailed,
    RolledBack,
    SpaceNotFound,
)
from deploy.pipeline.commands.secrets import SettingsSeen, compare_settings, rotate, sync
from deploy.secret import MASK, Secret, matches
from deploy.space.history import good_tag
from deploy.space.model import StoredSecret
from deploy.space.secrets import Mark
from tests.unit.pipeline.builders import TOML, Story
from tests.unit.space.builders import foreign, variable

DECLARED = TOML + '[secrets]\nKEY = {}\nMADE = { generate = "hex:32" }\nOPTIONAL = { required = false }\n'


@pytest.fixture
def shipped(story: Story) -> Story:
    """A Space that is as declared."""
    story.toml = DECLARED
    story.ship("r1", {"A": "1"}, {"KEY": "v", "MADE": "m"})
    story.hub.asked.clear()
    return story


def states(seen: SettingsSeen) -> dict[str, str]:
    return {name: state for _, name, state in seen.rows}


def is_value_of(stored: StoredSecret, value: str) -> bool:
    mark = Mark.parse(stored.description)
    return mark is not None and matches(Secret(value), mark.fingerprint)


# Compared ------------------------------------------------------------------------------------------------


def test_what_is_as_declared_is_said_to_be(shipped: Story) -> None:
    seen = compare_settings(shipped.run({"A": "1"}, {"KEY": "v"}))
    assert states(seen) == {"A": "unchanged", "KEY": "unchanged", "MADE": "kept", "OPTIONAL": "not set"}
    assert (seen.changes, seen.text().splitlines()[-1]) == ((), "All as declared.")
    assert shipped.hub.writes == []


def test_every_setting_has_its_state(shipped: Story) -> None:
    shipped.hub.stored_variables |= {"THEIRS": variable("x", ours=False), "OLD": variable("x")}
    shipped.hub.stored_secrets |= {"THEIR_KEY": foreign()}
    seen = compare_settings(shipped.run({"A": "2", "NEW": "1"}, {"KEY": "new"}))
    assert states(seen) == {
        "A": "changed",
        "NEW": "missing",
        "OLD": "undeclared",
        "THEIRS": "not ours",
        "KEY": "changed",
        "MADE": "kept",
        "OPTIONAL": "not set",
        "THEIR_KEY": "not ours",
    }
    assert seen.text().splitlines() == [
        "  variable  A          changed",
        "  variable  NEW        missing",
        "  variable  OLD        undeclared",
        "  variable  THEIRS     not ours",
        "  secret    KEY        changed",
        "  secret    MADE       kept",
        "  secret    OPTIONAL   not set",
        "  secret    THEIR_KEY  not ours",
        "  ! variable THEIRS is on the Space and not declared; not ours, left alone",
        "  ! secret THEIR_KEY is on the Space and not declared; not ours, left alone",
        "4 to change: invoke secrets.sync",
    ]
    assert seen.document()["settings"][0] == {"kind": "variable", "name": "A", "state": "changed"}  # type: ignore[index]


def test_what_stands_there_as_the_other_kind_is_not_as_declared(shipped: Story) -> None:
    shipped.hub.stored_secrets["A"] = foreign("typed by hand")
    shipped.hub.stored_variables["KEY"] = variable("typed by hand", ours=False)
    seen = compare_settings(shipped.run({"A": "1"}, {"KEY": "v"}))
    assert seen.rows == (
        ("variable", "A", "unchanged"),
        ("variable", "KEY", "other kind"),
        ("secret", "A", "other kind"),
        ("secret", "KEY", "unchanged"),
        ("secret", "MADE", "kept"),
        ("secret", "OPTIONAL", "not set"),
    )
    assert (len(seen.changes), seen.notes) == (2, ())
    sync(shipped.run({"A": "1"}, {"KEY": "v"}), yes=True)
    assert (shipped.hub.values, set(shipped.hub.stored_secrets)) == ({"A": "1"}, {"KEY", "MADE"})


def test_a_missing_space_has_no_settings(story: Story) -> None:
    with pytest.raises(SpaceNotFound):
        compare_settings(story.run())


# Made as declared ----------------------------------------------------------------------------------------


def test_only_what_differs_is_written_and_nothing_is_committed(shipped: Story) -> None:
    run = shipped.run({"A": "2"}, {"KEY": "v"})
    sync(run, yes=False)
    assert run.verdict == "synced"
    assert [name for name in shipped.hub.writes if "variable" in name or "secret" in name] == ["set_variable"]
    assert "commit" not in shipped.hub.asked
    assert shipped.hub.values == {"A": "2"}


def test_nothing_to_do_is_no_write_at_all(shipped: Story) -> None:
    run = shipped.run({"A": "1"}, {"KEY": "v"})
    sync(run, yes=False)
    assert (run.verdict, shipped.hub.writes) == ("unchanged", [])


def test_a_required_secret_that_is_nowhere_stops_it_before_anything_is_written(shipped: Story) -> None:
    del shipped.hub.stored_secrets["KEY"]
    with pytest.raises(MissingSecret) as caught:
        sync(shipped.run({"A": "2"}), yes=True)
    assert caught.value.details == ("secret KEY is not set, here or on the Space",)
    assert shipped.hub.writes == []


def test_a_variable_is_gone_before_the_secret_of_its_name_comes(shipped: Story) -> None:
    shipped.toml += "A = {}\n"
    sync(shipped.run(secrets={"A": "1", "KEY": "v"}), yes=True)
    assert [name for name in shipped.hub.writes if "variable" in name or "secret" in name] == [
        "delete_variable",
        "set_secret",
    ]
    assert (shipped.hub.values, set(shipped.hub.stored_secrets)) == ({}, {"A", "KEY", "MADE"})


def test_settings_that_break_the_app_are_taken_back(shipped: Story) -> None:
    shipped.healthy = lambda: shipped.hub.values == {"A": "1"}
    run = shipped.run({"A": "2"}, {"KEY": "v"})
    with pytest.raises(RolledBack):
        sync(run, yes=True)
    assert (run.rolled_back, shipped.hub.values) == (True, {"A": "1"})


@pytest.mark.parametrize(("suite", "good"), [("serving", True), ("full", False)])
def test_what_was_never_verified_is_called_good_only_where_serving_is_all_that_is_asked(
    shipped: Story, suite: str, good: bool
) -> None:
    shipped.toml += f'[verify]\nsuite = "{suite}"\n'
    shipped.hub.tags.clear()
    run = shipped.run({"A": "2"}, {"KEY": "v"})
    sync(run, yes=True)
    assert run.verdict == "synced"
    assert (good_tag(shipped.hub.head) in shipped.hub.tags) is good
    assert ("invoke deploy" in run.console.steps[-1].note) is not good


@pytest.mark.parametrize("command", ["sync", "rotate"])
def test_a_protected_target_is_not_changed_unasked(shipped: Story, command: str) -> None:
    shipped.toml = DECLARED.replace("space =", "protected = true\nspace =")
    run = shipped.run({"A": "2"}, {"KEY": "v"})
    with pytest.raises(ConfirmationNeeded):
        sync(run, yes=False) if command == "sync" else rotate(run, "MADE", None, yes=False)
    assert shipped.hub.writes == []


def test_a_token_that_may_not_write_stops_it(shipped: Story) -> None:
    shipped.hub.fail("check_write", NotAllowed("403"))
    with pytest.raises(NotAllowed):
        sync(shipped.run({"A": "2"}), yes=True)
    assert shipped.hub.writes == []


# A new value ---------------------------------------------------------------------------------------------


def test_a_new_value_comes_from_standard_input_without_its_line_end(shipped: Story) -> None:
    run = shipped.run({"A": "1"}, {"KEY": "v"})
    rotate(run, "KEY", StringIO("swordfish\r\n"), yes=True)
    assert run.verdict == "rotated"
    assert is_value_of(shipped.hub.stored_secrets["KEY"], "swordfish")
    assert shipped.now > 0, "the restart was not waited for"


def test_a_new_value_is_made_where_a_generator_is_declared(shipped: Story) -> None:
    rotate(shipped.run({"A": "1"}, {"KEY": "v"}), "MADE", None, yes=True)
    assert not is_value_of(shipped.hub.stored_secrets["MADE"], "m")


def test_only_that_secret_is_written(shipped: Story) -> None:
    rotate(shipped.run({"A": "other", "NEW": "1"}, {"KEY": "other"}), "MADE", None, yes=True)
    assert shipped.hub.writes.count("set_secret") == 1
    assert shipped.hub.values == {"A": "1"}


def test_a_new_value_is_never_shown(shipped: Story) -> None:
    run = shipped.run({"A": "1"})
    rotate(run, "KEY", StringIO("swordfish"), yes=True)
    run.console.say("swordfish")
    assert "swordfish" not in shipped.recorded.said
    assert shipped.recorded.said.endswith(f"{MASK}\n")


def test_a_value_that_a_sync_makes_is_never_shown(shipped: Story) -> None:
    del shipped.hub.stored_secrets["MADE"]
    run = shipped.run({"A": "1"}, {"KEY": "v"})
    sync(run, yes=True)
    made = run.made["MADE"].reveal()
    assert is_value_of(shipped.hub.stored_secrets["MADE"], made)
    run.console.say(made)
    assert made not in shipped.recorded.said


def test_a_value_that_breaks_the_app_is_told_as_lasting(shipped: Story) -> None:
    shipped.broken = {"r1"}
    with pytest.raises(RollbackFailed) as caught:
        rotate(shipped.run({"A": "1"}), "KEY", StringIO("bad"), yes=True)
    assert "~ secret          KEY (rotated)" in "\n".join(caught.value.details)


# The old value again -------------------------------------------------------------------------------------


@pytest.fixture
def rotated(shipped: Story) -> Story:
    """KEY was rotated from "v" to "new", and .env has "v" still."""
    shipped.places = {"KEY": ".env:7"}
    rotate(shipped.run({"A": "1"}, {"KEY": "v"}), "KEY", StringIO("new"), yes=True)
    shipped.hub.asked.clear()
    return shipped


def test_who_rotates_is_told_where_the_old_value_stands(rotated: Story) -> None:
    assert "An older value of KEY stands in .env:7; it is refused until you replace it." in rotated.recorded.said


def test_who_rotates_to_what_stands_here_is_told_nothing(shipped: Story) -> None:
    rotate(shipped.run({"A": "1"}, {"KEY": "new"}), "KEY", StringIO("new"), yes=True)
    assert "older value" not in shipped.recorded.said


def test_a_sync_that_knows_the_old_value_writes_nothing_and_says_where_it_stands(rotated: Story) -> None:
    with pytest.raises(ConfigError, match=r"older than the last rotation of KEY\. Nothing was written\.") as caught:
        sync(rotated.run({"A": "2"}, {"KEY": "v"}), yes=True)
    assert caught.value.exit_code == 10
    assert caught.value.details == ("secret KEY: an older value stands in .env:7",)
    assert "invoke secrets.sync --older --to staging" in str(caught.value.next_step)
    assert rotated.hub.writes == []


def test_in_a_workflow_the_old_value_stands_in_githubs_secret(rotated: Story) -> None:
    rotated.places = {"KEY": "the environment"}
    with pytest.raises(ConfigError) as caught:
        sync(rotated.run({"A": "1"}, {"KEY": "v"}), yes=True)
    assert "the environment, in a workflow in GitHub's secret KEY" in caught.value.details[0]


def test_the_old_value_is_not_as_declared(rotated: Story) -> None:
    seen = compare_settings(rotated.run({"A": "1"}, {"KEY": "v"}))
    assert (states(seen)["KEY"], seen.changes, seen.refused) == ("superseded", (), True)
    assert seen.text().splitlines()[-2:] == [
        "  ! secret KEY: an older value stands in .env:7",
        "An older value is refused: replace it, or take it out.",
    ]


def test_who_insists_writes_the_old_value_and_need_not_insist_again(rotated: Story) -> None:
    run = rotated.run({"A": "1"}, {"KEY": "v"})
    run.older = True
    sync(run, yes=True)
    assert is_value_of(rotated.hub.stored_secrets["KEY"], "v")
    again = rotated.run({"A": "1"}, {"KEY": "v"})
    sync(again, yes=True)
    assert again.verdict == "unchanged"


@pytest.mark.parametrize("known", [{"KEY": "new"}, {}], ids=["replaced", "taken out"])
def test_what_was_replaced_or_taken_out_is_as_declared(rotated: Story, known: dict[str, str]) -> None:
    run = rotated.run({"A": "1"}, known)
    sync(run, yes=True)
    assert run.verdict == "unchanged"


def test_the_value_from_here_is_refused_also_when_the_space_had_one_of_somebody_else(shipped: Story) -> None:
    shipped.hub.stored_secrets["KEY"] = foreign("typed by hand")
    rotate(shipped.run({"A": "1"}, {"KEY": "v"}), "KEY", StringIO("new"), yes=True)
    with pytest.raises(ConfigError):
        sync(shipped.run({"A": "1"}, {"KEY": "v"}), yes=True)


def test_no_value_is_ever_remembered_as_it_is(rotated: Story) -> None:
    rotate(rotated.run({"A": "1"}, {"KEY": "swordfish"}), "KEY", StringIO("trout-with-almonds"), yes=True)
    description = str(rotated.hub.stored_secrets["KEY"].description)
    assert "swordfish" not in description
    assert "trout" not in description
    assert len(description) < 255


def test_an_undeclared_name_is_refused_with_the_nearest(shipped: Story) -> None:
    with pytest.raises(ConfigError, match="'MAED' is not a declared secret of target 'staging'; did you mean 'MADE'"):
        rotate(shipped.run(), "MAED", None, yes=True)


@pytest.mark.parametrize("text", ["", "\n", "\r\n"])
def test_empty_input_is_refused(shipped: Story, text: str) -> None:
    with pytest.raises(MissingSecret, match=r"Standard input is empty\. Nothing was changed"):
        rotate(shipped.run(), "KEY", StringIO(text), yes=True)
    assert shipped.hub.asked == []


def test_without_generator_and_input_there_is_no_value(shipped: Story) -> None:
    with pytest.raises(ConfigError, match="KEY has no generator, and no value was given") as caught:
        rotate(shipped.run(), "KEY", None, yes=True)
    assert "invoke secrets.rotate KEY --stdin" in str(caught.value.next_step)
