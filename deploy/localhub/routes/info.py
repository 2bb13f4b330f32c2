"""`list_spaces` and `space_info`: what the Hub tells about Spaces, and about one at one commit."""

from __future__ import annotations

from typing import Any

from dulwich.objects import Commit
from dulwich.repo import Repo
from starlette.responses import JSONResponse, Response

from deploy.localhub import clock, publishing
from deploy.localhub.git import repository
from deploy.localhub.git.history import when
from deploy.localhub.git.repository import PathInfo
from deploy.localhub.http.calls import Call
from deploy.localhub.http.endpoint import Route
from deploy.localhub.routes import runtime_view
from deploy.localhub.spaces import Space, subdomain

_ALWAYS = frozenset({"_id", "id"})
_MOST = 1000
"""Spaces that one listing holds."""


def listing(call: Call) -> Response:
    """Those that the caller may see, by `author`, by `search` in the name; `expand` or `full` adds the runtime."""
    author, search, limit = call.query("author"), call.query("search").lower(), call.query("limit")
    full = call.flag("full") or "runtime" in call.request.query_params.getlist("expand")
    shown = [
        {**_facts(space), **({"runtime": runtime_view.document(call.hub, space)} if full else {})}
        for space in sorted(call.hub.spaces.all(), key=lambda space: space.created, reverse=True)
        if call.caller.may_see(space) and author in ("", space.namespace) and search in space.id.lower()
    ]
    return JSONResponse(shown[: min(int(limit), _MOST) if limit.isdecimal() else _MOST])


def head(call: Call) -> Response:
    return _answer(call, "main")


def at_revision(call: Call) -> Response:
    return _answer(call, call.parameter("rev"))


def _answer(call: Call, revision: str) -> Response:
    space = call.space()
    with call.repository.open() as repo:
        document = _document(call, space, repo, repository.resolve(repo, revision))
    wanted = call.request.query_params.getlist("expand") + call.request.query_params.getlist("expand[]")
    if wanted:
        document = {key: value for key, value in document.items() if key in _ALWAYS.union(wanted)}
    return JSONResponse(document)


def _facts(space: Space) -> dict[str, Any]:
    """What is told of a Space in a listing too."""
    return {
        "_id": space.key,
        "id": space.id,
        "author": space.namespace,
        "createdAt": space.created,
        "private": space.hidden,
        "sdk": space.sdk,
        "likes": 0,
        "tags": [space.sdk, "region:us"],
    }


def _document(call: Call, space: Space, repo: Repo, commit: Commit) -> dict[str, Any]:
    files = [entry for entry in repository.walk(repo, commit.tree, recursive=True) if not entry.folder]
    return {
        **_facts(space),
        "sha": commit.id.decode(),
        "lastModified": clock.stamp(when(commit)),
        "gated": False,
        "disabled": False,
        "host": call.hub.supervisor.space(space.id).address,
        "subdomain": subdomain(space.id),
        "models": [],
        "datasets": [],
        "cardData": dict(publishing.card_of(repo, commit).values),
        "usedStorage": sum(entry.size for entry in files),
        "runtime": runtime_view.document(call.hub, space),
        "siblings": [_sibling(entry, blobs=call.flag("blobs")) for entry in files],
    }


def _sibling(entry: PathInfo, *, blobs: bool) -> dict[str, Any]:
    if not blobs:
        return {"rfilename": entry.path}
    large = entry.lfs and {"sha256": entry.lfs.oid, "size": entry.lfs.size, "pointerSize": entry.lfs.length}
    return {"rfilename": entry.path, "blobId": entry.oid, "size": entry.size, **({"lfs": large} if large else {})}


ROUTES = (
    Route(method="GET", template="/api/spaces", handler=listing),
    Route(method="GET", template="/api/spaces/{id}", handler=head),
    Route(method="GET", template="/api/spaces/{id}/revision/{rev}", handler=at_revision),
)
