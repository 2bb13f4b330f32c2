"""Files that are written whole or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO


@contextmanager
def replacing(path: Path, *, private: bool = True, fsync: bool = False) -> Iterator[IO[bytes]]:
    """A file beside `path` to write to, which takes its place at the end of the block; none is left when that fails.

    `private`: mode 0600, else that of the file it replaces, or 0644; a missing folder is made, for the owner alone.
    `fsync`: the content is on the disk before the name is, for what must outlast a power cut. Raises OSError.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    part = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
            if not private:
                os.fchmod(descriptor, path.stat().st_mode & 0o777 if path.exists() else 0o644)
            if fsync:
                file.flush()
                os.fsync(descriptor)
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def write_whole(path: Path, text: str, *, private: bool = True, fsync: bool = False) -> Path:
    """The same with a text, as UTF-8."""
    with replacing(path, private=private, fsync=fsync) as file:
        file.write(text.encode("utf-8", "replace"))
    return path
