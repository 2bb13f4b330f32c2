"""A commit says of itself which release it is, and that can be read back."""

from __future__ import annotations

import pytest

from deploy.space.publish import Release

FULL = Release(
    deploy="20261122T201530Z-1f9c2b7a",
    revision="1" * 40,
    source="2" * 40 + "-dirty",
    image="sha256:" + "3" * 64,
    variables={"LEVEL": "info", "GREETING": "grüß → dich", "LINES": "a\nSpacewright-Deploy: forged\r\nb", "EMPTY": ""},
    rollback_to="4" * 40,
)


@pytest.mark.parametrize(
    "release",
    [
        FULL,
        Release(deploy="d", revision="r", source="none"),
        Release(deploy="d", revision="r", source="s", variables={}),
        Release(deploy="d", revision="r: with: colons", source="s"),
    ],
    ids=["full", "least", "no variables", "colons"],
)
def test_what_a_release_says_is_read_back(release: Release) -> None:
    assert Release.parse(release.message) == release


def test_a_message_is_one_fact_a_line_in_ascii() -> None:
    assert FULL.message.isascii()
    assert len(FULL.message.splitlines()) == 6
    assert "Spacewright-Rollback-To: 4444" in FULL.message


def test_it_is_read_from_between_other_lines() -> None:
    message = f"A title\n\nSome words: more\n{FULL.message}\n\nSigned-off-by: somebody\n"
    assert Release.parse(message) == FULL


@pytest.mark.parametrize(
    "message",
    [
        "",
        "initial commit",
        "Spacewright-Revision: r",
        "Spacewright-Deploy: d",
        "Spacewright-Revision\nSpacewright-Deploy: d",
    ],
    ids=["empty", "by hand", "no deploy", "no revision", "no value"],
)
def test_a_commit_that_no_deploy_made_is_no_release(message: str) -> None:
    assert Release.parse(message) is None


@pytest.mark.parametrize("variables", ["not json", "[1]", "null"])
def test_variables_that_cannot_be_read_are_unknown(variables: str) -> None:
    release = Release.parse(f"Spacewright-Revision: r\nSpacewright-Deploy: d\nSpacewright-Variables: {variables}")
    assert release is not None
    assert release.variables is None


def test_its_title_says_what_it_does() -> None:
    assert FULL.title == "Roll back to 444444444444 (revision 111111111111)"
    release = Release(deploy="d", revision="1" * 40, source="2" * 40)
    assert release.title == "Release revision 111111111111 from 222222222222"
