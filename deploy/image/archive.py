"""A saved image as it is streamed: the parts of the outer archive, and layers unpacked, a chunk at a time."""

from __future__ import annotations

import gzip
import io
import sys
import tarfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from importlib import import_module
from itertools import chain
from typing import Any, Protocol


class Unreadable(Exception):
    """The image cannot be read; the message says why."""


class Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


Save = Callable[[], Iterator[bytes]]
"""Gives the bytes of `docker save`, from the beginning each time."""

CHUNK = 1 << 20
"""Bytes that are held at a time."""
_GZIP, _ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"


@contextmanager
def members(save: Save) -> Iterator[Iterator[tuple[str, Iterator[bytes]]]]:
    """Name and bytes of each file of a saved image, unpacked; to be read in order and once.

    Raises Unreadable for a compression that cannot be read here, and for what is no saved image.
    """
    try:
        with tarfile.open(fileobj=_Stream(save()), mode="r|", bufsize=CHUNK) as archive:
            yield _files(archive)
    except (tarfile.TarError, gzip.BadGzipFile, zlib.error, EOFError, ValueError) as error:
        raise Unreadable(f"the image, as the engine saves it, cannot be read: {error}") from error


def files_of(layer: Iterable[bytes]) -> Iterator[tuple[tarfile.TarInfo, Iterator[bytes]]]:
    """Each entry of a layer that is unpacked, with its bytes."""
    with tarfile.open(fileobj=_Stream(iter(layer)), mode="r|", bufsize=CHUNK) as archive:
        for entry in archive:
            yield entry, _content(archive, entry)


def _files(archive: tarfile.TarFile) -> Iterator[tuple[str, Iterator[bytes]]]:
    """Folders and links, too: a layer that is there twice is there once and linked to."""
    for entry in archive:
        yield entry.name, _unpacked(_content(archive, entry))


def _content(archive: tarfile.TarFile, entry: tarfile.TarInfo) -> Iterator[bytes]:
    content = archive.extractfile(entry) if entry.isreg() else None
    return _chunks(content) if content else iter(())


def _chunks(content: Readable) -> Iterator[bytes]:
    return iter(lambda: content.read(CHUNK), b"")


def _unpacked(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Layers are plain, gzip or zstd (OCI image specification, media types of layers)."""
    first = next(chunks, b"")
    whole = chain((first,), chunks)
    if first.startswith(_GZIP):
        return _chunks(gzip.GzipFile(fileobj=_Stream(whole)))
    return _inflated(whole) if first.startswith(_ZSTD) else whole


def _inflated(chunks: Iterator[bytes]) -> Iterator[bytes]:
    zstd = _zstd()
    try:
        yield from _chunks(zstd.ZstdFile(_Stream(chunks)))
    except zstd.ZstdError as error:
        raise Unreadable(f"a layer is no zstd, though it begins like it: {error}") from error


def _zstd() -> Any:
    """Python's own since 3.14, what requirements-verify.txt brings before."""
    try:
        return import_module("compression.zstd" if sys.version_info >= (3, 14) else "backports.zstd")
    except ModuleNotFoundError:
        raise Unreadable("a layer is compressed with zstd, and backports.zstd is not installed here") from None


class _Stream(io.RawIOBase):
    """An iterator of bytes as a file that is read once."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self._rest = b""

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        parts, wanted = [self._rest], size - len(self._rest)
        while wanted > 0 and (chunk := next(self._chunks, b"")):
            parts.append(chunk)
            wanted -= len(chunk)
        whole = b"".join(parts)
        self._rest = whole[size:]
        return whole[:size]
