"""Files that hf_xet uploaded: it was given a folder for a server, and what it left there is read back.

The folder holds xorbs (chunks of contents) and shards (which file is made of which chunks). A commit names a file by
its sha256, which stands in a shard beside the name under which hf_xet finds it again
(Xet protocol specification, "Shard format": records of 48 bytes after a header of 48).
"""

from __future__ import annotations

import secrets
import shutil
import struct
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from deploy.lfs import Pointer

_RECORD = 48
_END = b"\xff" * 32
_HAS_VERIFICATION = 1 << 31
_HAS_METADATA = 1 << 30
_KEPT = 24 * 3600
"""Seconds that an upload's folder stays: a client may come back to it as long as its token lives."""


@dataclass(frozen=True, kw_only=True)
class XetFile:
    """A file of an upload: `hash` is hf_xet's name for it, `sha256` that of its content."""

    folder: Path
    hash: str
    sha256: str


class XetFolders:
    """A folder for each token: hf_xet locks the one it writes to, so two uploads cannot share one."""

    def __init__(self, home: Path) -> None:
        self._home = home

    def new(self) -> str:
        """The address of a folder to upload to."""
        folder = self._home / secrets.token_hex(8)
        folder.mkdir(parents=True, mode=0o700)
        return f"local://{folder}"

    def copy(self, pointer: Pointer, target: Path) -> bool:
        """Write the content of an uploaded file to `target`; False when no upload holds it."""
        for folder in self._folders():
            for found in files(folder):
                if found.sha256 == pointer.oid:
                    _fetch(found, pointer.size, target)
                    return True
        return False

    def sweep(self, now: float | None = None) -> None:
        """Remove the folders of uploads that are over. `now` in seconds of the epoch."""
        oldest = (time.time() if now is None else now) - _KEPT
        for folder in self._folders():
            if folder.stat().st_mtime < oldest:
                shutil.rmtree(folder, ignore_errors=True)

    def _folders(self) -> list[Path]:
        """The newest first."""
        return sorted(self._home.glob("*"), key=lambda folder: folder.stat().st_mtime, reverse=True)


def files(folder: Path) -> Iterator[XetFile]:
    """All files whose upload to `folder` was completed."""
    for shard in sorted(folder.glob("xet/xorbs/shards/*.mdb")):
        for name, sha256 in _listed(shard.read_bytes()):
            yield XetFile(folder=folder, hash=name, sha256=sha256)


def _listed(shard: bytes) -> Iterator[tuple[str, str]]:
    position = _RECORD
    while position + _RECORD <= len(shard) and shard[position : position + 32] != _END:
        name = _hex(shard, position)
        flags, entries = struct.unpack_from("<II", shard, position + 32)
        position += _RECORD * (1 + entries * (2 if flags & _HAS_VERIFICATION else 1))
        if flags & _HAS_METADATA:
            yield name, _hex(shard, position)
            position += _RECORD


def _hex(shard: bytes, position: int) -> str:
    """Four little-endian numbers of 64 bits, as hf_xet writes hashes."""
    return "".join(f"{number:016x}" for number in struct.unpack_from("<4Q", shard, position))


def _fetch(found: XetFile, size: int, target: Path) -> None:
    import hf_xet  # type: ignore[import-untyped]

    session = hf_xet.XetSession()
    with session.new_file_download_group(endpoint=f"local://{found.folder}") as group:
        group.start_download_file(hf_xet.XetFileInfo(found.hash, size), str(target))
