"""Writing files: the card's check, how each file travels, and the commit."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Any

from dulwich.objects import Commit
from dulwich.refs import Ref
from dulwich.repo import Repo
from starlette.responses import JSONResponse, Response

from deploy.localhub import answers, cards
from deploy.localhub.answers import Refusal
from deploy.localhub.git import committing, hooks, operations, repository
from deploy.localhub.git.repository import PathInfo
from deploy.localhub.git.upload_modes import Rules
from deploy.localhub.http.calls import Call
from deploy.localhub.http.endpoint import Route

_COMMIT_LIMIT = 1_500_000_000
"""Bytes: the Hub takes 1 GB of regular files in a commit, which base64 makes a third longer."""


def validate_yaml(call: Call) -> Response:
    card = cards.judge(str(call.json().get("content", "")).encode())
    found = {
        "errors": [{"message": message} for message in card.errors],
        "warnings": [{"message": message} for message in card.warnings],
    }
    return JSONResponse(found, 400 if card.errors else 200)


def preupload(call: Call) -> Response:
    call.writable_space()
    asked = call.json()
    with call.repository.open() as repo:
        commit = repository.resolve(repo, call.parameter("rev"))
        rules = Rules(_text(repo, commit, ".gitattributes"), _ignored(repo, commit, asked))
        present = repository.index(repo, commit)
        files = [_travel(present, rules, item) for item in asked.get("files") or ()]
    return JSONResponse({"files": files, "commitOid": commit.id.decode()})


def commit(call: Call) -> Response:
    space = call.writable_space()
    if call.flag("create_pr"):
        raise Refusal(400, "This Hub has no pull requests: commit to a branch")
    ref = _branch(call.parameter("rev"))
    request = operations.parse(iter(call.body), call.hub.large_files.size)
    with call.repository.writing() as repo:
        parent = repository.head(repo, ref)
        if parent is None:
            raise answers.revision_missing(call.parameter("rev"))
        committing.check_parent(request.parent, parent)
        hooks.check(request, call.hub.large_files, ref.decode())
        made = committing.commit(repo, ref, request, author=call.caller.signature, at=call.hub.time(), parent=parent)
    if ref == repository.MAIN:
        call.hub.publisher.publish(space.id)
    oid = made.id.decode()
    url = f"{call.base}/spaces/{space.id}/commit/{oid}"
    return JSONResponse({"success": True, "commitOid": oid, "commitUrl": url, "hookOutput": ""})


def _travel(present: Mapping[str, PathInfo], rules: Rules, item: dict[str, Any]) -> dict[str, Any]:
    path = operations.path_of(item)
    try:
        sample = base64.b64decode(item.get("sample") or "")
    except binascii.Error:
        raise Refusal(400, f"Sample of {path} is not base64") from None
    entry = present.get(path)
    answer = {
        "path": path,
        "uploadMode": rules.mode(path, int(item.get("size") or 0), sample),
        "shouldIgnore": rules.ignores(path),
    }
    if entry and not entry.folder:
        answer["oid"] = entry.lfs.oid if entry.lfs else entry.oid
    return answer


def _ignored(repo: Repo, commit: Commit, asked: dict[str, Any]) -> str:
    sent = asked.get("gitIgnore")
    return sent if isinstance(sent, str) else _text(repo, commit, ".gitignore")


def _text(repo: Repo, commit: Commit, path: str) -> str:
    entry = repository.find(repo, commit, path)
    return repository.content(repo, entry.oid).decode("utf-8", "replace") if entry and not entry.folder else ""


def _branch(revision: str) -> Ref:
    return Ref((revision if revision.startswith("refs/heads/") else f"refs/heads/{revision}").encode())


ROUTES = (
    Route(method="POST", template="/api/validate-yaml", handler=validate_yaml),
    Route(method="POST", template="/api/spaces/{id}/preupload/{rev}", handler=preupload),
    Route(method="POST", template="/api/spaces/{id}/commit/{rev}", handler=commit, body_limit=_COMMIT_LIMIT),
)
