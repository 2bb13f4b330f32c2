"""Reading the body of a commit."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from deploy.lfs import Pointer
from deploy.localhub.answers import Refusal
from deploy.localhub.git import operations
from deploy.localhub.git.operations import CommitRequest

HEADER = ("header", {"summary": "one", "description": "", "parentCommit": "a" * 40})


def parse(*items: tuple[str, Any]) -> CommitRequest:
    return operations.parse([json.dumps({"key": key, "value": value}).encode() for key, value in items], lambda _: 7)


def refused(*items: tuple[str, Any]) -> int:
    with pytest.raises(Refusal) as caught:
        parse(*items)
    return caught.value.status


def file(path: str, data: bytes = b"x") -> tuple[str, Any]:
    return "file", {"path": path, "content": base64.b64encode(data).decode(), "encoding": "base64"}


def test_all_that_a_client_sends() -> None:
    large = {"path": "big.bin", "algo": "sha256", "oid": "b" * 64, "size": 12}
    request = parse(
        HEADER,
        file("a.txt", b"\0binary"),
        ("file", {"path": "b.txt", "content": "plain"}),
        ("lfsFile", large),
        ("deletedFile", {"path": "gone.txt"}),
        ("deletedFolder", {"path": "gone/"}),
        ("deletedFolder", {"path": "gone/"}),
    )
    assert request.parent == "a" * 40
    assert request.regular == {"a.txt": b"\0binary", "b.txt": b"plain"}
    assert request.large == {"big.bin": Pointer(oid="b" * 64, size=12)}
    assert (request.deleted_files, request.deleted_folders) == (("gone.txt",), ("gone",))


def test_a_copied_large_file_has_the_size_that_is_known() -> None:
    request = parse(HEADER, ("lfsFile", {"path": "big.bin", "algo": "sha256", "oid": "b" * 64}))
    assert request.large["big.bin"].size == 7


@pytest.mark.parametrize(
    ("description", "message"), [("", "one"), ("more", "one\n\nmore\n"), ("two\nlines\n", "one\n\ntwo\nlines\n")]
)
def test_summary_and_description_are_a_message(description: str, message: str) -> None:
    assert parse(("header", {"summary": "one", "description": description})).message == message


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/a",
        "../a",
        "a/../b",
        "a\\b",
        ".git/config",
        "sub/.git/x",
        "a//b",
        "./a",
        "a/./b",
        "a/",
        ".",
        "a\0b",
        "a\ud800b",
        None,
        5,
    ],
)
def test_paths_that_are_none(path: object) -> None:
    assert refused(HEADER, ("file", {"path": path, "content": ""})) == 422


@pytest.mark.parametrize("path", ["a", ".gitattributes", ".github/workflows/x.yml", "a.git/b", "a b/ü", "..a", "a..b"])
def test_paths_that_are(path: str) -> None:
    assert path in parse(HEADER, file(path)).regular


def test_what_is_not_in_the_protocol_is_a_bad_request() -> None:
    assert refused(file("a.txt")) == 400
    assert refused(HEADER, ("unknown", {})) == 400
    assert refused(HEADER, ("file", {"path": "a", "content": "not base64!", "encoding": "base64"})) == 400
    assert refused(HEADER, ("file", {"path": "a", "content": "\ud800"})) == 400
    assert refused(HEADER, ("lfsFile", {"path": "a", "algo": "md5", "oid": "x", "size": 1})) == 400
    with pytest.raises(Refusal, match="Invalid JSON"):
        operations.parse([b"[1, 2]"], lambda _: 0)


def test_a_commit_has_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(operations, "MAX_REGULAR_BYTES", 10)
    assert refused(HEADER, file("a", b"x" * 6), file("b", b"x" * 6)) == 413
