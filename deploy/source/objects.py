"""The ids git gives to content, computed without git: the Hub answers with the same ones.

Every file counts as mode 100644, because a commit through the Hub's API carries no modes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Literal

Kind = Literal["file", "directory"]
Entries = Mapping[str, tuple[Kind, str]]
"""The listing of one folder: name -> (kind, object id)."""


def blob_oid(content: bytes) -> str:
    """SHA-1 id of a file, 40 hex digits."""
    return _oid(b"blob", content)


def root_entries(oids: Mapping[str, str]) -> dict[str, tuple[Kind, str]]:
    """The root listing of a repository that holds exactly these files, path -> blob id."""
    files: dict[str, str] = {}
    folders: dict[str, dict[str, str]] = {}
    for path, oid in oids.items():
        name, slash, rest = path.partition("/")
        if slash:
            folders.setdefault(name, {})[rest] = oid
        else:
            files[name] = oid
    entries: dict[str, tuple[Kind, str]] = {name: ("file", oid) for name, oid in files.items()}
    entries |= {name: ("directory", tree_oid(root_entries(inner))) for name, inner in folders.items()}
    return dict(sorted(entries.items()))


def tree_oid(entries: Entries) -> str:
    """SHA-1 id of a folder with this listing."""
    rows = sorted(entries.items(), key=lambda row: _sort_key(row[0], row[1][0]))
    return _oid(b"tree", b"".join(_row(name, kind, oid) for name, (kind, oid) in rows))


def _sort_key(name: str, kind: Kind) -> bytes:
    """git sorts a folder as if its name ended with a slash."""
    return name.encode() + (b"/" if kind == "directory" else b"")


def _row(name: str, kind: Kind, oid: str) -> bytes:
    mode = b"40000" if kind == "directory" else b"100644"
    return mode + b" " + name.encode() + b"\0" + bytes.fromhex(oid)


def _oid(kind: bytes, content: bytes) -> str:
    header = kind + b" " + str(len(content)).encode() + b"\0"
    return hashlib.sha1(header + content, usedforsecurity=False).hexdigest()
