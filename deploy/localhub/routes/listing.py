"""`list_spaces`: the Spaces that the caller may see."""

from __future__ import annotations

from starlette.responses import JSONResponse, Response

from deploy.localhub.http.calls import Call
from deploy.localhub.http.endpoint import Route
from deploy.localhub.routes import runtime_view
from deploy.localhub.spaces import Space

_MOST = 1000


def listing(call: Call) -> Response:
    """By `author`, by `search` in the name, and with the runtime when `expand` or `full` asks for it."""
    author, search = call.query("author"), call.query("search").lower()
    limit = call.query("limit")
    shown = [
        _document(call, space)
        for space in sorted(call.hub.spaces.all(), key=lambda space: space.created, reverse=True)
        if call.caller.may_see(space) and author in ("", space.namespace) and search in space.id.lower()
    ]
    return JSONResponse(shown[: min(int(limit), _MOST) if limit.isdecimal() else _MOST])


def _document(call: Call, space: Space) -> dict[str, object]:
    shown: dict[str, object] = {
        "_id": space.key,
        "id": space.id,
        "author": space.namespace,
        "createdAt": space.created,
        "private": space.hidden,
        "sdk": space.sdk,
        "likes": 0,
        "tags": [space.sdk, "region:us"],
    }
    if call.flag("full") or "runtime" in call.request.query_params.getlist("expand"):
        shown["runtime"] = runtime_view.document(call.hub, space)
    return shown


ROUTES = (Route(method="GET", template="/api/spaces", handler=listing),)
