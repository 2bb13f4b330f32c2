"""The file operations of one commit, as values that can be shown, counted and used again."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class Write:
    """Put `content` (bytes, or the file that holds them) at `path`."""

    path: str
    content: bytes | Path


@dataclass(frozen=True, kw_only=True)
class Restore:
    """Put back what stood at `path` in `revision`, without moving its bytes (files in LFS only)."""

    path: str
    revision: str


@dataclass(frozen=True, kw_only=True)
class Delete:
    path: str


Operation = Write | Restore | Delete
