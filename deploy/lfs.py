"""The three lines that stand in git for a large file (the Git LFS specification's pointer file)."""

from __future__ import annotations

import re
from dataclasses import dataclass

LONGEST = 1024
"""Bytes of a pointer file."""
_POINTER = re.compile(
    rb"version https://git-lfs\.github\.com/spec/v1\n(?:ext-[^\n]*\n)*oid sha256:([0-9a-f]{64})\nsize (\d+)\n?"
)


@dataclass(frozen=True, kw_only=True)
class Pointer:
    """`oid` is the sha256 of the content in hex, `size` its bytes, `length` the bytes of the pointer itself."""

    oid: str
    size: int

    @property
    def data(self) -> bytes:
        text = f"version https://git-lfs.github.com/spec/v1\noid sha256:{self.oid}\nsize {self.size}\n"
        return text.encode()

    @property
    def length(self) -> int:
        return len(self.data)


def parse(data: bytes) -> Pointer | None:
    """The pointer that `data` is, or None for any other content."""
    match = _POINTER.fullmatch(data) if len(data) <= LONGEST else None
    return Pointer(oid=match[1].decode(), size=int(match[2])) if match else None
