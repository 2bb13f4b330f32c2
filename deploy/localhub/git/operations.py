"""The body of a commit request: lines of JSON, read one at a time into the changes they ask for."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from deploy.lfs import Pointer
from deploy.localhub.answers import Refusal

MAX_LFS_FILES = 25_000
MAX_REGULAR_BYTES = 1_000_000_000
_SURROGATE = re.compile("[\ud800-\udfff]")
_NO_PARTS = frozenset({"", ".", "..", ".git"})


@dataclass(frozen=True, kw_only=True)
class CommitRequest:
    """One commit: `regular` is path to content, `large` path to pointer. Deletions happen before additions."""

    summary: str
    description: str = ""
    parent: str | None = None
    regular: Mapping[str, bytes] = field(default_factory=dict)
    large: Mapping[str, Pointer] = field(default_factory=dict)
    deleted_files: tuple[str, ...] = ()
    deleted_folders: tuple[str, ...] = ()

    @property
    def message(self) -> str:
        return f"{self.summary}\n\n{self.description}".rstrip("\n") + "\n" if self.description else self.summary


SizeOf = Callable[[str], int]
"""Bytes of the large file with that sha256; 0 for one that is not known."""


def parse(lines: Iterable[bytes], size_of: SizeOf) -> CommitRequest:
    """`size_of` completes what stands in the repository already: the client copies it by its sha256 alone.

    Raises Refusal: 400 for lines that are not what the protocol has, 413 over a limit, 422 for a bad path.
    """
    reader = _Reader(size_of)
    for line in lines:
        if line.strip():
            reader.take(line)
    return reader.result()


class _Reader:
    def __init__(self, size_of: SizeOf) -> None:
        self._size_of = size_of
        self.header: dict[str, Any] = {}
        self.regular: dict[str, bytes] = {}
        self.large: dict[str, Pointer] = {}
        self.deleted: dict[str, list[str]] = {"deletedFile": [], "deletedFolder": []}
        self.bytes = 0

    def take(self, line: bytes) -> None:
        key, value = _line(line)
        if key == "header":
            self.header = value
        elif key == "file":
            self._file(path_of(value), value)
        elif key == "lfsFile":
            self._large_file(path_of(value), value)
        elif key in self.deleted:
            self.deleted[key].append(path_of({**value, "path": str(value.get("path", "")).rstrip("/")}))
        else:
            raise Refusal(400, f"Unknown key in commit payload: {key}")

    def result(self) -> CommitRequest:
        if not self.header.get("summary"):
            raise Refusal(400, '"header.summary" is required')
        return CommitRequest(
            summary=str(self.header["summary"]),
            description=str(self.header.get("description") or ""),
            parent=self.header.get("parentCommit"),
            regular=self.regular,
            large=self.large,
            deleted_files=tuple(dict.fromkeys(self.deleted["deletedFile"])),
            deleted_folders=tuple(dict.fromkeys(self.deleted["deletedFolder"])),
        )

    def _file(self, path: str, value: dict[str, Any]) -> None:
        content = str(value.get("content", ""))
        try:
            data = base64.b64decode(content, validate=True) if value.get("encoding") == "base64" else content.encode()
        except ValueError:
            raise Refusal(400, f"Content of {path} is not base64, or no Unicode") from None
        self.bytes += len(data)
        if self.bytes > MAX_REGULAR_BYTES:
            raise Refusal(413, "Payload too large: a commit takes up to 1 GB of regular files")
        self.regular[path] = data

    def _large_file(self, path: str, value: dict[str, Any]) -> None:
        if value.get("algo") != "sha256" or not isinstance(value.get("oid"), str):
            raise Refusal(400, f"{path} needs the sha256 of its content")
        size = value["size"] if isinstance(value.get("size"), int) else self._size_of(value["oid"])
        self.large[path] = Pointer(oid=value["oid"], size=size)
        if len(self.large) > MAX_LFS_FILES:
            raise Refusal(413, f"A commit takes up to {MAX_LFS_FILES} LFS files")


def path_of(value: dict[str, Any]) -> str:
    """The path of an operation, when it is one that may stand in a repository.

    Raises Refusal (422) otherwise: absolute, leading outside, through `.git`, with a backslash, or no Unicode.
    """
    path = value.get("path")
    if not isinstance(path, str) or not path or "\\" in path or "\0" in path or _SURROGATE.search(path):
        raise Refusal(422, f"Invalid path: {path!r}")
    if any(part.lower() in _NO_PARTS for part in path.split("/")):
        raise Refusal(422, f"Invalid path: {path!r}")
    return path


def _line(line: bytes) -> tuple[str, dict[str, Any]]:
    try:
        item = json.loads(line)
        key, value = item["key"], item["value"]
    except (ValueError, KeyError, TypeError):
        raise Refusal(400, "Invalid JSON line in commit payload") from None
    if not isinstance(value, dict):
        raise Refusal(400, f"Invalid value of {key} in commit payload")
    return key, value
