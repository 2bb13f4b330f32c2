"""Backends as other people write them have nothing to answer for."""

from __future__ import annotations

import pytest

from tests.unit.source.backends import CLEAN
from tests.unit.source.conftest import Make


@pytest.mark.parametrize("name", CLEAN)
def test_nothing_is_found(name: str, project: Make) -> None:
    entry, files = CLEAN[name]
    assert project(files, entry=entry).check() == ()
