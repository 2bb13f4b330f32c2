"""Saved images made by hand, in the layouts that engines write."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

Pack = Callable[[bytes], bytes]


def archive(files: Mapping[str, bytes], links: Mapping[str, str] = MappingProxyType({})) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            if name in links:
                entry.type, entry.linkname = tarfile.SYMTYPE, f"../{links[name]}"
            else:
                entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()


def plain(layer: bytes) -> bytes:
    return layer


@dataclass(kw_only=True)
class SavedImage:
    """`layers` are files by path, lowest first; `steps` made them; `pack` compresses them; `more` stands beside them;
    `piece` is what comes at once; `linked` makes the last layer a link to the first; `oci` is the layout of newer
    engines.
    """

    layers: list[dict[str, bytes]] = field(default_factory=lambda: [{"app/main.py": b"print()"}])
    steps: list[str] = field(default_factory=lambda: ["COPY . . # buildkit"])
    configuration: dict[str, Any] = field(default_factory=dict)
    history: list[dict[str, Any]] | None = None
    more: dict[str, bytes] = field(default_factory=dict)
    pack: Pack = plain
    oci: bool = True
    linked: bool = False
    piece: int = 1 << 20

    def save(self) -> Iterator[bytes]:
        whole = self.bytes()
        return (whole[start : start + self.piece] for start in range(0, len(whole), self.piece))

    def bytes(self) -> bytes:
        names = [f"blobs/sha256/{number:064}" if self.oci else f"{number:064}/layer.tar"
                 for number in range(len(self.layers))]  # fmt: skip
        config = "blobs/sha256/c0ffee" if self.oci else "c0ffee.json"
        made = self.history or [{"created_by": step} for step in self.steps]
        document = {"architecture": "amd64", "config": self.configuration, "history": made}
        files = {name: self.pack(archive(layer)) for name, layer in zip(names, self.layers, strict=True)}
        files |= self.more
        files[config] = json.dumps(document).replace("&", r"\u0026").encode()
        files["manifest.json"] = json.dumps([{"Config": config, "RepoTags": None, "Layers": names}]).encode()
        return archive(files, {names[-1]: names[0]} if self.linked else {})


def gzipped(layer: bytes) -> bytes:
    """In two members, as parallel compressors write it."""
    half = len(layer) // 2
    return gzip.compress(layer[:half]) + gzip.compress(layer[half:])
