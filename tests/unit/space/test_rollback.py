"""Going back is a commit that holds an old tree: changed files alone, read from the Hub itself."""

from __future__ import annotations

from deploy.space.operations import Delete, Restore, Write
from deploy.space.rollback import restoring_operations
from tests.unit.space.memory_hub import MemoryHub


def test_changed_files_are_written_lost_ones_too_and_new_ones_deleted() -> None:
    hub = MemoryHub()
    good = hub.land({"same": b"1", "changed": b"old", "lost": b"3"})
    bad = hub.land({"same": b"1", "changed": b"new", "added": b"4"})
    assert restoring_operations(hub.client, good=good, head=bad) == [
        Write(path="changed", content=b"old"),
        Write(path="lost", content=b"3"),
        Delete(path="added"),
    ]
    assert hub.asked.count("read") == 2


def test_files_in_lfs_are_restored_without_moving_their_bytes() -> None:
    hub = MemoryHub(lfs={"m.bin", "same.bin"})
    good = hub.land({"m.bin": b"old weights", "same.bin": b"1"})
    bad = hub.land({"m.bin": b"new weights", "same.bin": b"1"})
    assert restoring_operations(hub.client, good=good, head=bad) == [Restore(path="m.bin", revision=good)]
    assert "read" not in hub.asked


def test_between_equal_trees_there_is_nothing_to_do() -> None:
    hub = MemoryHub()
    good, bad = hub.land({"a": b"1"}), hub.land({"a": b"1"}, title="again")
    assert restoring_operations(hub.client, good=good, head=bad) == []
