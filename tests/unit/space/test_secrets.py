"""What became of a secret is told from its description and its date, never from its value."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone

import pytest

from deploy.config import SecretRule
from deploy.secret import Secret, matches
from deploy.space.model import StoredSecret
from deploy.space.secrets import Mark, SecretStatus, compare, describe, superseded_by
from tests.unit.space.asked import EPOCH
from tests.unit.space.builders import foreign, rule, stored

SECOND = timedelta(seconds=1)
MADE = Secret("made-by-a-generator")


def status(declared: SecretRule | None, given: str | None, on_space: StoredSecret | None) -> SecretStatus:
    """The one status of the secret KEY."""
    rules: Mapping[str, SecretRule] = {"KEY": declared} if declared else {}
    values = {"KEY": Secret(given)} if given is not None else {}
    (found,) = compare(rules, values, {"KEY": on_space} if on_space else {}, make=lambda _: MADE)
    return found


def kept(state: str, **options: bool) -> SecretStatus:
    return SecretStatus(name="KEY", state=state, **options)  # type: ignore[arg-type]


def written(state: str, value: str) -> SecretStatus:
    return SecretStatus(name="KEY", state=state, value=Secret(value))  # type: ignore[arg-type]


# A declared one ------------------------------------------------------------------------------------------


def test_a_given_value_that_is_not_on_the_space_is_written() -> None:
    assert status(rule("KEY"), "value", None) == written("missing", "value")


def test_one_without_value_anywhere_is_made_by_its_generator() -> None:
    assert status(rule("KEY", generate="hex:32"), None, None) == written("generated", MADE.reveal())


def test_a_given_value_is_taken_before_one_is_made() -> None:
    assert status(rule("KEY", generate="hex:32"), "value", None) == written("missing", "value")


def test_a_required_one_without_value_anywhere_is_lacking() -> None:
    assert status(rule("KEY"), None, None) == kept("not set", lacking=True)


def test_one_that_is_not_required_may_be_nowhere() -> None:
    assert status(rule("KEY", required=False), None, None) == kept("not set")


def test_the_same_value_is_left_alone() -> None:
    assert status(rule("KEY"), "value", stored("value")) == kept("unchanged")


def test_another_value_is_written() -> None:
    assert status(rule("KEY"), "new", stored("value")) == written("changed", "new")


def test_one_that_is_on_the_space_alone_is_kept() -> None:
    assert status(rule("KEY", generate="hex:32"), None, stored("value")) == kept("kept")
    assert status(rule("KEY"), None, foreign()) == kept("kept")


@pytest.mark.parametrize("description", [None, "", "made by hand", "Set by spacewright"])
def test_one_that_somebody_else_set_is_taken_over(description: str | None) -> None:
    assert status(rule("KEY"), "value", foreign(description)) == written("not ours", "value")


def test_an_empty_value_is_none() -> None:
    assert status(rule("KEY"), "", stored("value")) == kept("kept")
    assert status(rule("KEY"), "", None) == kept("not set", lacking=True)


# Edited elsewhere ----------------------------------------------------------------------------------------

WITHIN = [timedelta(0), SECOND, timedelta(seconds=120), -SECOND, -timedelta(days=1)]
BEYOND = [timedelta(seconds=121), timedelta(days=300)]


@pytest.mark.parametrize("later", WITHIN, ids=str)
def test_a_date_close_to_our_writing_is_our_writing(later: timedelta) -> None:
    assert status(rule("KEY"), "value", stored("value", updated=EPOCH + later)) == kept("unchanged")


@pytest.mark.parametrize("later", BEYOND, ids=str)
def test_a_later_date_is_somebody_elses_writing(later: timedelta) -> None:
    on_space = stored("value", updated=EPOCH + later)
    assert status(rule("KEY"), "value", on_space) == written("edited elsewhere", "value")
    assert status(rule("KEY"), None, on_space) == kept("edited elsewhere")


def test_without_a_date_the_description_is_believed() -> None:
    assert status(rule("KEY"), "value", stored("value", updated=None)) == kept("unchanged")


def test_a_description_that_somebody_edited_is_not_ours() -> None:
    for description in (
        "Set by spacewright at some time, fingerprint AAAA.BBBB",
        "Set by spacewright at 2026-11-22T20:00:00Z, fingerprint",
        "Set by spacewright at 2026-11-22T20:00:00Z, fingerprint AAAA.BBBB and a note",
    ):
        assert Mark.parse(description) is None
        assert status(rule("KEY"), "value", foreign(description)) == written("not ours", "value")


def test_a_fingerprint_that_somebody_edited_is_another_value() -> None:
    for edited in ("nonsense", "AAAA.ü", "!!.!!"):
        on_space = foreign(f"Set by spacewright at 2026-11-22T20:00:00Z, fingerprint {edited}")
        assert status(rule("KEY"), "value", on_space) == written("changed", "value")


# Rotated -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("updated", [EPOCH, EPOCH + BEYOND[0]], ids=["ours", "edited since"])
@pytest.mark.parametrize("given", ["old", "older"])
def test_a_value_that_was_rotated_out_is_not_written(given: str, updated: datetime) -> None:
    assert status(rule("KEY"), given, stored("new", "old", "older", updated=updated)) == kept("superseded")


def test_any_other_value_is_written_and_what_was_rotated_out_stays_known() -> None:
    on_space = stored("new", "old", "older")
    mark = Mark.parse(on_space.description)
    assert mark is not None
    found = status(rule("KEY"), "newer", on_space)
    assert (found.state, found.value, found.superseded) == ("changed", Secret("newer"), mark.superseded)
    assert status(rule("KEY"), "new", on_space) == kept("unchanged")


def test_who_insists_on_an_older_value_gets_it_and_it_is_no_longer_rotated_out() -> None:
    on_space = stored("new", "old", "older")
    (found,) = compare({"KEY": rule("KEY")}, {"KEY": Secret("old")}, {"KEY": on_space}, older=True)
    assert (found.state, found.value) == ("changed", Secret("old"))
    assert [matches(Secret(value), *found.superseded) for value in ("older", "old")] == [True, False]


@pytest.mark.parametrize(
    ("there", "known", "left"),
    [
        (("a",), None, ["a"]),
        (("a",), "a", ["a"]),
        (("a",), "b", ["b", "a"]),
        (("a",), "new", ["a"]),
        (("a", "b"), "b", ["a", "b"]),
        (("a", "b", "c", "d"), None, ["a", "b", "c"]),
        (("a", "new", "b"), None, ["a", "b"]),
        (("new", "a"), None, ["a"]),
        ((), "a", ["a"]),
        ((), None, []),
        (None, "a", ["a"]),
        (None, None, []),
    ],
)
def test_a_rotation_leaves_behind_what_was_there_and_what_is_known_here(
    there: tuple[str, ...] | None, known: str | None, left: list[str]
) -> None:
    """`there` are the value on the Space and those before; () is one of somebody else, None none."""
    on_space = stored(*there) if there else None if there is None else foreign()
    prints = superseded_by(Secret("new"), on_space, Secret(known) if known else None)
    assert [next(each for each in "abcd" if matches(Secret(each), one)) for one in prints] == left


def test_a_description_tells_what_was_rotated_out() -> None:
    description = describe(Secret("new"), EPOCH, ("AAAA.BBBB", "CCCC.DDDD"))
    assert description.endswith(", supersedes AAAA.BBBB CCCC.DDDD")
    mark = Mark.parse(description)
    assert mark is not None
    assert mark.superseded == ("AAAA.BBBB", "CCCC.DDDD")
    assert matches(Secret("new"), mark.fingerprint)
    assert len(description) < 255
    assert Mark.parse(description.replace(", supersedes", " supersedes")) is None


# One that is not declared --------------------------------------------------------------------------------


def test_one_of_ours_that_is_no_longer_declared_is_removed() -> None:
    assert status(None, None, stored("value")) == kept("undeclared", remove=True)


def test_one_of_somebody_else_stays() -> None:
    assert status(None, None, foreign("made by hand")) == kept("not ours")


# All of them ---------------------------------------------------------------------------------------------


def test_every_secret_has_one_state_sorted_by_name() -> None:
    rules = {"C": rule("C"), "A": rule("A")}
    found = compare(rules, {"A": Secret("a"), "OTHER": Secret("x")}, {"B": foreign(), "C": foreign()})
    assert [(each.name, each.state) for each in found] == [("A", "missing"), ("B", "not ours"), ("C", "kept")]


@pytest.mark.parametrize("zone", [UTC, timezone(timedelta(hours=5, minutes=30))])
def test_a_description_tells_the_time_and_not_the_value(zone: timezone) -> None:
    description = describe(Secret("swordfish"), EPOCH.astimezone(zone))
    assert description.startswith("Set by spacewright at 2026-11-22T20:00:00Z, fingerprint ")
    assert "swordfish" not in description
    mark = Mark.parse(description)
    assert mark is not None
    assert mark.at == EPOCH
    assert isinstance(mark.at, datetime)


def test_values_do_not_show_themselves() -> None:
    assert "swordfish" not in repr(status(rule("KEY"), "swordfish", None))
