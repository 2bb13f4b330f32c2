"""`git clone`, `fetch` and `push` over HTTP, with a token as password (gitprotocol-http, the smart protocol)."""

from __future__ import annotations

import gzip
from io import BytesIO
from typing import IO, cast

from dulwich.protocol import ReceivableProtocol
from dulwich.repo import Repo
from dulwich.server import BackendRepo, DictBackend, PackHandler, ReceivePackHandler, UploadPackHandler
from starlette.responses import Response

from deploy.localhub.answers import Refusal
from deploy.localhub.git import repository
from deploy.localhub.git.pushes import UpdateHook
from deploy.localhub.http.calls import Call
from deploy.localhub.http.endpoint import Route

_PUSH_LIMIT = 2_000_000_000
_READING, _WRITING = "git-upload-pack", "git-receive-pack"
_NEVER_KEPT = {"Cache-Control": "no-cache, max-age=0, must-revalidate"}


def advertise(call: Call) -> Response:
    """The references, as both services begin."""
    service = call.query("service")
    if service not in (_READING, _WRITING):
        raise Refusal(403, "Use git's smart protocol")
    if service == _WRITING:
        call.writable_space()
    else:
        call.space()
    with call.repository.open() as repo:
        spoken, handler = _handler(repo, service, BytesIO(), advertise_refs=True)
        handler.proto.write_pkt_line(f"# service={service}\n".encode())
        handler.proto.write_pkt_line(None)
        handler.handle()
    return _answer(spoken, service, "advertisement")


def upload_pack(call: Call) -> Response:
    call.space()
    with call.repository.open() as repo:
        spoken, handler = _handler(repo, _READING, _body(call))
        handler.handle()
    return _answer(spoken, _READING, "result")


def receive_pack(call: Call) -> Response:
    space = call.writable_space()
    with call.repository.writing() as repo:
        hook = UpdateHook(repo, call.hub.large_files)
        repo.hooks["update"] = hook
        spoken, handler = _handler(repo, _WRITING, _body(call))
        hook.handler = cast(ReceivePackHandler, handler)
        before = repository.head(repo)
        handler.handle()
        moved = repository.head(repo) != before
    if moved:
        call.hub.publisher.publish(space.id)
    return _answer(spoken, _WRITING, "result")


def _handler(repo: Repo, service: str, body: IO[bytes], *, advertise_refs: bool = False) -> tuple[BytesIO, PackHandler]:
    """dulwich's side of the conversation, and what it will have said."""
    spoken = BytesIO()
    protocol = ReceivableProtocol(body.read, spoken.write)
    kind = UploadPackHandler if service == _READING else ReceivePackHandler
    repositories: dict[str, BackendRepo] = {"/": repo}
    return spoken, kind(DictBackend(repositories), ["/"], protocol, stateless_rpc=True, advertise_refs=advertise_refs)


def _body(call: Call) -> IO[bytes]:
    if call.request.headers.get("content-encoding") == "gzip":
        return cast(IO[bytes], gzip.GzipFile(fileobj=call.body))
    return call.body


def _answer(spoken: BytesIO, service: str, kind: str) -> Response:
    return Response(spoken.getvalue(), media_type=f"application/x-{service}-{kind}", headers=_NEVER_KEPT)


ROUTES = (
    Route(method="GET", template="/spaces/{id}/info/refs", handler=advertise),
    Route(method="POST", template="/spaces/{id}/git-upload-pack", handler=upload_pack),
    Route(method="POST", template="/spaces/{id}/git-receive-pack", handler=receive_pack, body_limit=_PUSH_LIMIT),
)
