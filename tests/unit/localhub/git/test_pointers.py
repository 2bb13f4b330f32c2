"""Pointers of large files."""

from __future__ import annotations

from deploy import lfs
from deploy.lfs import Pointer


def test_a_pointer_reads_back_and_other_text_is_none() -> None:
    pointer = Pointer(oid="a" * 64, size=12)
    assert lfs.parse(pointer.data) == pointer
    assert lfs.parse(pointer.data + b"more") is None
    assert lfs.parse(b"version https://git-lfs.github.com/spec/v1\n") is None
