"""Each change shows itself on one line, and never a secret."""

from __future__ import annotations

import pytest

from deploy.secret import Secret
from deploy.space.changes import (
    Change,
    CreateSpace,
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
from tests.unit.space.builders import desired_file

VALUE = Secret("swordfish")
CHANGES: dict[str, Change] = {
    "+ Space           docker, cpu-basic, private, with 3 settings": CreateSpace(
        hardware="cpu-basic", visibility="private", variables={"A": "1", "B": "2"}, secrets={"KEY": VALUE}
    ),
    "+ variable        A = '1'": SetVariable(name="A", value="1", old=None),
    "~ variable        A = '1' (was '')": SetVariable(name="A", value="1", old=""),
    "- variable        A (was '1'), after the new release serves": RemoveVariable(name="A", old="1"),
    "- variable        A, after the new release serves": RemoveVariable(name="A", old=None),
    "- variable        A, as a secret has its name": RemoveVariable(name="A", old="swordfish", first=True),
    "+ secret          KEY (missing); a rollback removes it again": SetSecret(name="KEY", value=VALUE, state="missing"),
    "+ secret          KEY (generated); a rollback removes it again": SetSecret(
        name="KEY", value=VALUE, state="generated"
    ),
    "~ secret          KEY (changed); a rollback cannot bring an old value back": SetSecret(
        name="KEY", value=VALUE, state="changed"
    ),
    "- secret          KEY, after the new release serves": RemoveSecret(name="KEY"),
    "- secret          KEY, as a variable has its name; a rollback cannot bring it back": RemoveSecret(
        name="KEY", first=True
    ),
    "~ hardware        t4-small (was cpu-basic)": SetHardware(value="t4-small", old="cpu-basic"),
    "~ visibility      private (was public)": SetVisibility(value="private", old="public"),
    "~ verify          aaaaaaaaaaaa was never verified: it is checked and recorded, or taken back": Verify(
        commit="a" * 40
    ),
    "~ restart         the Space is PAUSED": Restart(stage="PAUSED", factory=False),
    "~ restart         the Space is BUILD_ERROR, with a new build": Restart(stage="BUILD_ERROR", factory=True),
}


@pytest.mark.parametrize(("line", "change"), CHANGES.items(), ids=CHANGES.keys())
def test_a_change_shows_itself(line: str, change: Change) -> None:
    assert str(change) == line
    assert "swordfish" not in str(change)
    assert isinstance(change, RemoveVariable) or "swordfish" not in repr(change)


def test_files_are_counted_and_the_first_of_each_kind_named() -> None:
    added = tuple(desired_file(f"app/{number}.py", bytes(1200)) for number in range(10))
    change = WriteFiles(added=added, changed=(desired_file("main.py", bytes(345)),), deleted=("old.py",))
    assert str(change).splitlines() == [
        "~ files           10 added, 1 changed, 1 deleted, 12.3 kB, in one commit",
        *(f"    + app/{number}.py" for number in range(8)),
        "    + … and 2 more",
        "    ~ main.py",
        "    - old.py",
    ]


def test_as_many_files_as_are_named_need_no_more() -> None:
    change = WriteFiles(added=tuple(desired_file(name, b"") for name in "abcdefgh"))
    assert "more" not in str(change)
