"""Names of Spaces."""

from __future__ import annotations

import pytest

from deploy.localhub.spaces import is_name, subdomain


@pytest.mark.parametrize("name", ["a", "my-app", "My_App.2", "0", "a" * 96])
def test_names(name: str) -> None:
    assert is_name(name)


@pytest.mark.parametrize(
    "name", ["", ".", "..", "a..b", "a--b", "-a", "a-", "a.", "a.git", "a/b", "a b", "ä", "a" * 97]
)
def test_no_names(name: str) -> None:
    assert not is_name(name)


def test_an_address_is_lower_case_with_dashes() -> None:
    assert subdomain("Acme/My_App.2") == "acme-my-app-2"
