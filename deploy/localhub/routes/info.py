"""`space_info`: what the Hub tells about a Space at one commit."""

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


def _document(call: Call, space: Space, repo: Repo, commit: Commit) -> dict[str, Any]:
    files = [entry for entry in repository.walk(repo, commit.tree, recursive=True) if not entry.folder]
    card = publishing.card_of(repo, commit)
    return {
        "_id": space.key,
        "id": space.id,
        "author": space.namespace,
        "sha": commit.id.decode(),
        "createdAt": space.created,
        "lastModified": clock.stamp(when(commit)),
        "private": space.hidden,
        "gated": False,
        "disabled": False,
        "host": call.hub.supervisor.space(space.id).address,
        "subdomain": subdomain(space.id),
        "likes": 0,
        "sdk": space.sdk,
        "tags": [space.sdk, "region:us"],
        "models": [],
        "datasets": [],
        "cardData": dict(card.values),
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
    Route(method="GET", template="/api/spaces/{id}", handler=head),
    Route(method="GET", template="/api/spaces/{id}/revision/{rev}", handler=at_revision),
)
