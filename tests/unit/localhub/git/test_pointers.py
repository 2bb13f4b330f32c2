"""Pointers of large files."""

from __future__ import annotations

from deploy.localhub.git import pointers
from deploy.localhub.git.pointers import Pointer


def test_a_pointer_reads_back_and_other_text_is_none() -> None:
    pointer = Pointer(oid="a" * 64, size=12)
    assert pointers.parse(pointer.data) == pointer
    assert pointers.parse(pointer.data + b"more") is None
    assert pointers.parse(b"version https://git-lfs.github.com/spec/v1\n") is None
