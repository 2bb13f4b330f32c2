"""A Space is looked at with few requests, and equal root listings prove equal files."""

from __future__ import annotations

import pytest

from deploy.revision import REVISION_FILE
from deploy.space.history import mark_good
from deploy.space.observe import observe, shipped_revision
from tests.unit.space.builders import desired
from tests.unit.space.memory_hub import MemoryHub

FILES = {"main.py": b"app", "app/db.py": b"db", "app/routes/tasks.py": b"tasks"}


@pytest.fixture
def hub() -> MemoryHub:
    hub = MemoryHub()
    hub.land({**FILES, ".gitattributes": b"lfs"})
    return hub


def test_equal_files_are_proved_without_listing_them(hub: MemoryHub) -> None:
    observed = observe(hub.client, desired(FILES).entries)
    assert observed.files is None
    assert hub.asked == ["info", "tree", "variables", "secrets", "refs"]


@pytest.mark.parametrize(
    "wanted",
    [
        FILES | {"app/db.py": b"other"},
        FILES | {"new.py": b""},
        {path: content for path, content in FILES.items() if path != "app/routes/tasks.py"},
        FILES | {".gitattributes": b"mine"},
    ],
    ids=["changed", "added", "deleted", "kept by the Hub, shipped by us"],
)
def test_any_difference_lists_every_file(hub: MemoryHub, wanted: dict[str, bytes]) -> None:
    observed = observe(hub.client, desired(wanted).entries)
    assert observed.files is not None
    assert set(observed.files) == {*FILES, ".gitattributes"}
    assert len(hub.asked) == 6


def test_a_head_that_was_recorded_as_good_is_known_from_any_other(hub: MemoryHub) -> None:
    mark_good(hub.client, hub.head)
    assert observe(hub.client, {}).good
    hub.land(FILES)
    assert not observe(hub.client, {}).good


def test_a_missing_space_is_asked_for_nothing_more() -> None:
    hub = MemoryHub()
    assert observe(hub.client, {}).info is None
    assert hub.asked == ["info"]


def test_the_revision_is_read_from_the_file_that_carries_it(hub: MemoryHub) -> None:
    first = hub.head
    shipped = hub.land({REVISION_FILE: b"0123abcd\n"})
    assert shipped_revision(hub.client, shipped) == "0123abcd"
    assert shipped_revision(hub.client, first) == ""
    assert shipped_revision(hub.client, hub.land({REVISION_FILE: b"\xff\xfe"})) != ""
