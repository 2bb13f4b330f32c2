"""Large files beside commits: git-lfs's batch protocol, and the token with which hf_xet uploads.

hf_xet takes a folder for a server: given a `local://` address it writes its own format there and no server is needed.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import Any

from starlette.responses import JSONResponse, Response

from deploy.lfs import Pointer
from deploy.localhub import answers
from deploy.localhub.answers import Refusal
from deploy.localhub.http.calls import Call
from deploy.localhub.http.downloads import Download
from deploy.localhub.http.endpoint import Route

_LARGEST = 50_000_000_000
"""Bytes of one file (Hub docs, "Storage limits": the hard limit of a single file)."""
_LIFE = 3600
_MEDIA_TYPE = "application/vnd.git-lfs+json"


def batch(call: Call) -> Response:
    asked = call.json()
    uploading = asked.get("operation") == "upload"
    space = call.writable_space() if uploading else call.space()
    pointers = [_pointer(item) for item in asked.get("objects") or ()]
    offer = _upload if uploading else _download
    objects = [{"oid": one.oid, "size": one.size, **offer(call, space.id, one)} for one in pointers]
    return JSONResponse({"transfer": "basic", "objects": objects}, media_type=_MEDIA_TYPE)


def put(call: Call) -> Response:
    """The link itself is the permission, as it is with the storage behind the real Hub."""
    oid = call.parameter("oid")
    _check_signature(call, "upload", oid)
    call.hub.large_files.put(oid, call.body)
    return Response(status_code=200)


def get(call: Call) -> Response:
    oid = call.parameter("oid")
    _check_signature(call, "download", oid)
    path = call.hub.large_files.path(oid)
    if not path.is_file():
        raise answers.entry_missing()
    return Download(path, media_type="application/octet-stream")


def verify(call: Call) -> Response:
    call.writable_space()
    if not call.hub.large_files.has(_pointer(call.json())):
        raise Refusal(404, "Object not found")
    return JSONResponse({})


def xet_token(call: Call) -> Response:
    call.writable_space()
    address = call.hub.uploads.new()
    expires = int(call.hub.time().timestamp()) + _LIFE
    token = _signature(call, "xet", address, expires)
    headers = {
        "X-Xet-Cas-Url": address,
        "X-Xet-Access-Token": token,
        "X-Xet-Token-Expiration": str(expires),
    }
    return JSONResponse({"casUrl": address, "exp": expires, "accessToken": token}, headers=headers)


def _upload(call: Call, space_id: str, pointer: Pointer) -> dict[str, Any]:
    """No actions for a content that is here already."""
    if call.hub.large_files.has(pointer):
        return {}
    check = {"href": f"{call.base}/spaces/{space_id}.git/info/lfs/verify"}
    return {"actions": {"upload": {"href": _link(call, "upload", pointer)}, "verify": check}}


def _download(call: Call, _space_id: str, pointer: Pointer) -> dict[str, Any]:
    if not call.hub.large_files.has(pointer):
        return {"error": {"code": 404, "message": "Object does not exist"}}
    return {"actions": {"download": {"href": _link(call, "download", pointer)}}}


def _link(call: Call, action: str, pointer: Pointer) -> str:
    expires = int(call.hub.time().timestamp()) + _LIFE
    signature = _signature(call, action, pointer.oid, expires)
    return f"{call.base}/lfs/{pointer.oid}?expires={expires}&signature={signature}"


def _check_signature(call: Call, action: str, oid: str) -> None:
    expires = call.query("expires", "0")
    wanted = _signature(call, action, oid, int(expires) if expires.isdecimal() else 0)
    fresh = expires.isdecimal() and int(expires) >= call.hub.time().timestamp()
    if not fresh or not hmac.compare_digest(wanted.encode(), call.query("signature").encode()):
        raise answers.not_allowed("This link is not valid, or no longer")


def _signature(call: Call, action: str, subject: str, expires: int) -> str:
    message = f"{action} {subject} {expires}".encode()
    return hmac.new(call.hub.signing_key.encode(), message, hashlib.sha256).hexdigest()


def _pointer(item: Any) -> Pointer:
    if not isinstance(item, dict) or not isinstance(item.get("oid"), str) or not isinstance(item.get("size"), int):
        raise Refusal(422, "An LFS object has an oid and a size")
    return Pointer(oid=item["oid"], size=item["size"])


ROUTES = (
    Route(method="POST", template="/spaces/{id}/info/lfs/objects/batch", handler=batch),
    Route(method="POST", template="/spaces/{id}/info/lfs/verify", handler=verify),
    Route(method="PUT", template="/lfs/{oid}", handler=put, body_limit=_LARGEST, identified=False),
    Route(method="GET", template="/lfs/{oid}", handler=get, quota="resolvers", identified=False),
    Route(method="GET", template="/api/spaces/{id}/xet-write-token/{rev}", handler=xet_token),
)
