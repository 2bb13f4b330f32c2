"""What a deployment says of its operations."""

from __future__ import annotations

from pathlib import Path

import httpx2
import pytest

from deploy.proof import NotRun
from deploy.verify.openapi import NOBODYS_ID, Operation, read_operations
from tests.unit.verify.subjects import always, subject

DOCUMENT = {
    "paths": {
        "/tasks": {
            "summary": "not an operation",
            "get": {"security": [{"bearer": []}]},
            "post": {"security": [{"bearer": []}], "requestBody": {"content": {"application/json": {}}}},
        },
        "/tasks/{task_id:uuid}/notes/{note}": {"delete": {}},
        "/login": {"post": {"requestBody": {"content": {"application/x-www-form-urlencoded": {}}}}},
    }
}


def read(root: Path, document: object, status: int = 200) -> tuple[Operation, ...]:
    with subject(root, always(status, json=document)) as looked_at:
        return read_operations(looked_at.site)


def test_operations_are_named_by_method_and_path(tmp_path: Path) -> None:
    listed, made, deleted, login = read(tmp_path, DOCUMENT)
    assert [it.name for it in (listed, made)] == ["GET /tasks", "POST /tasks"]
    assert [it.secured for it in (listed, made, deleted, login)] == [True, True, False, False]
    assert [it.takes_json for it in (listed, made, deleted, login)] == [False, True, False, False]
    assert deleted.parameters == ("task_id", "note")


def test_security_for_all_can_be_taken_back_by_one(tmp_path: Path) -> None:
    paths = {"/a": {"get": {}}, "/b": {"get": {"security": []}}}
    assert [it.secured for it in read(tmp_path, {"security": [{"bearer": []}], "paths": paths})] == [True, False]


def test_what_is_not_there_has_an_id_that_nobody_has(tmp_path: Path) -> None:
    deleted = read(tmp_path, DOCUMENT)[2]
    assert deleted.missing_path == f"/tasks/{NOBODYS_ID}/notes/{NOBODYS_ID}"


@pytest.mark.parametrize(("document", "status"), [(DOCUMENT, 404), ({}, 200), ([], 200), ({"paths": {}}, 200)])
def test_an_app_that_describes_nothing_cannot_be_gone_through(document: object, status: int, tmp_path: Path) -> None:
    with pytest.raises(NotRun, match="describes no operations"):
        read(tmp_path, document, status)


def test_one_that_is_not_there_cannot_either(tmp_path: Path) -> None:
    def gone(_: httpx2.Request) -> httpx2.Response:
        raise httpx2.ConnectError("refused")

    with subject(tmp_path, gone) as looked_at, pytest.raises(NotRun, match="no answer"):
        read_operations(looked_at.site)
