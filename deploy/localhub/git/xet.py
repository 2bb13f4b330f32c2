"""Files that hf_xet uploaded: it was given a folder for a server, and what it left there is read back.

The folder holds xorbs (chunks of contents), shards (which file is made of which chunks) and a database, which the
client keeps locked as long as its session lives: hf_xet reads here through a folder that has a copy of it. A commit
names a file by its sha256, which stands in a shard beside the name under which hf_xet finds it again
(Xet protocol specification, "Shard format": records of 48 bytes after a header of 48).
"""

from __future__ import annotations

import logging
import secrets
import shutil
import struct
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

_STORE = Path("xet", "xorbs")
_RECORD = 48
_END = b"\xff" * 32
_HAS_VERIFICATION = 1 << 31
_HAS_METADATA = 1 << 30
_KEPT = 24 * 3600
"""Seconds that an upload's folder stays: a client may come back to it as long as its token lives."""


class XetFolders:
    """A folder for each token: hf_xet locks the one it writes to, so two uploads cannot share one."""

    def __init__(self, home: Path) -> None:
        self._home = home

    def new(self) -> str:
        """The address of a folder to upload to."""
        folder = self._home / secrets.token_hex(8)
        folder.mkdir(parents=True, mode=0o700)
        return f"local://{folder}"

    def fetch(self, sha256: str, scratch: Path) -> tuple[Path, ...]:
        """All files of the upload that brought this one, each written below `scratch` as its sha256; or none."""
        for folder in self._folders():
            found = files(folder)
            if sha256 in found:
                try:
                    return _fetch(folder, found, scratch / folder.name)
                except RuntimeError:
                    # Another client may bring the same content at this moment: its folder is not complete yet.
                    logging.getLogger(__name__).warning("Cannot read the upload in %s", folder, exc_info=True)
        return ()

    def sweep(self, now: float | None = None) -> None:
        """Remove the folders of uploads that are over. `now` in seconds of the epoch."""
        oldest = (time.time() if now is None else now) - _KEPT
        for folder in self._folders():
            if folder.stat().st_mtime < oldest:
                shutil.rmtree(folder, ignore_errors=True)

    def _folders(self) -> list[Path]:
        """The newest first."""
        return sorted(self._home.glob("*"), key=lambda folder: folder.stat().st_mtime, reverse=True)


def files(folder: Path) -> dict[str, str]:
    """All files whose upload to `folder` was completed: hf_xet's name for each, by the sha256 of its content."""
    shards = sorted((folder / _STORE / "shards").glob("*.mdb"))
    return {sha256: name for shard in shards for name, sha256 in _listed(shard.read_bytes())}


def _listed(shard: bytes) -> Iterator[tuple[str, str]]:
    position = _RECORD
    while position + _RECORD <= len(shard) and shard[position : position + 32] != _END:
        name = _hex(shard, position)
        flags, entries = struct.unpack_from("<II", shard, position + 32)
        position += _RECORD * (1 + entries * (2 if flags & _HAS_VERIFICATION else 1))
        if flags & _HAS_METADATA and position + _RECORD <= len(shard):
            yield name, _hex(shard, position)
            position += _RECORD


def _hex(shard: bytes, position: int) -> str:
    """Four little-endian numbers of 64 bits, as hf_xet writes hashes."""
    return "".join(f"{number:016x}" for number in struct.unpack_from("<4Q", shard, position))


def _fetch(folder: Path, found: Mapping[str, str], scratch: Path) -> tuple[Path, ...]:
    import hf_xet  # type: ignore[import-untyped]

    written = {sha256: scratch / sha256 for sha256 in found}
    endpoint = f"local://{_view(folder, scratch / 'view')}"
    with hf_xet.XetSession().new_file_download_group(endpoint=endpoint) as group:
        for sha256, name in found.items():
            group.start_download_file(hf_xet.XetFileInfo(name), str(written[sha256]))
    return tuple(written.values())


def _view(folder: Path, view: Path) -> Path:
    """An upload's folder for reading alone."""
    (view / _STORE).mkdir(parents=True)
    for item in (folder / _STORE).iterdir():
        if item.is_dir():
            (view / _STORE / item.name).symlink_to(item.absolute())
        else:
            shutil.copyfile(item, view / _STORE / item.name)
    return view
