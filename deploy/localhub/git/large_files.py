"""Contents of large files, by the sha256 of what they hold."""

from __future__ import annotations

import hashlib
import re
import shutil
import tempfile
from pathlib import Path
from typing import IO

from deploy.atomic import replacing
from deploy.lfs import Pointer
from deploy.localhub.answers import Refusal
from deploy.localhub.git.xet import XetFolders

_BLOCK = 1 << 20
_DIGEST = re.compile(r"[0-9a-f]{64}")


class LargeFiles:
    """A folder of contents: `<ab>/<cd>/<sha256>`, as git-lfs lays them out; uploads of hf_xet are taken in."""

    def __init__(self, folder: Path, uploads: XetFolders) -> None:
        self._folder = folder
        self._uploads = uploads

    def path(self, oid: str) -> Path:
        """Where the content of that sha256 is or would be. Raises Refusal (422) for another kind of id."""
        if not _DIGEST.fullmatch(oid):
            raise Refusal(422, "Invalid LFS object id")
        return self._folder / oid[:2] / oid[2:4] / oid

    def size(self, oid: str) -> int:
        """Bytes; 0 when it is not here."""
        path = self.path(oid)
        return path.stat().st_size if path.is_file() else 0

    def has(self, pointer: Pointer) -> bool:
        """Whether the content is here or, uploaded by hf_xet, can be taken in, which is then done."""
        path = self.path(pointer.oid)
        if not path.is_file():
            self._take_in(pointer.oid)
        return path.is_file() and path.stat().st_size == pointer.size

    def put(self, oid: str, source: IO[bytes]) -> int:
        """Keep what `source` holds; its size in bytes. Raises Refusal (422) when its sha256 is another."""
        path = self.path(oid)
        digest = hashlib.sha256()
        with replacing(path) as target:
            while block := source.read(_BLOCK):
                digest.update(block)
                target.write(block)
            if digest.hexdigest() != oid:
                raise Refusal(422, "The uploaded content does not have the announced sha256")
        return path.stat().st_size

    def copy(self, pointer: Pointer, target: Path) -> None:
        shutil.copyfile(self.path(pointer.oid), target)

    def _take_in(self, oid: str) -> None:
        """With all that was uploaded beside it: hf_xet takes as long to begin as to read many files."""
        self._folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=self._folder) as scratch:
            for file in self._uploads.fetch(oid, Path(scratch)):
                with file.open("rb") as source:
                    self.put(file.name, source)
