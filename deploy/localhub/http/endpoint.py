"""The way of every request: counted, held up by faults, measured, identified, answered in a thread, signed."""

from __future__ import annotations

import asyncio
import tempfile
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import IO

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.types import Receive, Scope, Send

from deploy.localhub import clock
from deploy.localhub.answers import Refusal
from deploy.localhub.http.calls import Call
from deploy.localhub.http.connections import cut
from deploy.localhub.hub import Hub
from deploy.localhub.identity import access
from deploy.localhub.identity.access import Caller
from deploy.localhub.misbehaviour.faults import Fault
from deploy.localhub.misbehaviour.quotas import Kind, Standing

Handler = Callable[[Call], Response]
_IN_MEMORY = 1 << 20
_BODY_LIMIT = 16 << 20


@dataclass(frozen=True, kw_only=True)
class Route:
    """`template` has `{id}` for `namespace/name` and `{path}` for the rest; `body_limit` is in bytes.

    A route that is not `identified` does not look at the caller's token, which is for somebody else.
    """

    method: str
    template: str
    handler: Handler
    body_limit: int = _BODY_LIMIT
    quota: Kind = "api"
    identified: bool = True

    @property
    def administrative(self) -> bool:
        """Routes of this Hub alone: not counted, not limited, not disturbed."""
        return self.template.startswith("/_hub")


class Endpoint:
    """An ASGI application for one route."""

    def __init__(self, hub: Hub, route: Route) -> None:
        self._hub = hub
        self._route = route

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        fault = self._meet(request)
        response = await self._disturbed(request, fault) if fault else await self._respond(request)
        if response is None:
            await cut(scope)
        else:
            await sign(response, request, self._hub.time())(scope, receive, send)

    async def _disturbed(self, request: Request, fault: Fault) -> Response | None:
        """None for a connection that is to be broken."""
        await asyncio.sleep(fault.delay)
        if fault.cut:
            return None
        response = _wrong_answer(fault) if fault.answers else await self._respond(request)
        return None if fault.lost_answer else response

    def _meet(self, request: Request) -> Fault | None:
        if self._route.administrative:
            return None
        method = "GET" if request.method == "HEAD" and self._route.method == "GET" else request.method
        self._hub.traffic.count(f"{request.method} {self._route.template}")
        return self._hub.faults.take(method, self._route.template, request.url.path)

    async def _respond(self, request: Request) -> Response:
        standing: Standing | None = None
        try:
            caller = self._identify(request)
            standing = self._use_quota(request, caller)
            with tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY) as body:
                await self._read_body(request, body)
                call = Call(hub=self._hub, request=request, caller=caller, body=body)
                response = await run_in_threadpool(self._route.handler, call)
        except Refusal as refusal:
            response = refusal.response()
        if standing:
            response.headers.update(standing.headers())
        return response

    def _identify(self, request: Request) -> Caller:
        authorization = request.headers.get("authorization", "") if self._route.identified else ""
        return access.identify(authorization, self._hub.accounts)

    def _use_quota(self, request: Request, caller: Caller) -> Standing | None:
        if self._route.administrative:
            return None
        client = request.client.host if request.client else ""
        standing = self._hub.quotas.use(self._route.quota, caller.name if caller.user else client)
        if not standing.allowed:
            raise Refusal(429, "Too Many Requests", headers=standing.headers())
        return standing

    async def _read_body(self, request: Request, body: IO[bytes]) -> None:
        size = 0
        async for chunk in request.stream():
            size += len(chunk)
            if size > self._route.body_limit:
                raise Refusal(413, "Payload Too Large", headers={"Connection": "close"})
            body.write(chunk)
        body.seek(0)


def sign(response: Response, request: Request, at: datetime) -> Response:
    """With what every answer of the Hub carries: its time, and the number under which the caller may ask about it."""
    response.headers.setdefault("Date", clock.http_date(at))
    response.headers.setdefault("X-Request-Id", request.headers.get("x-amzn-trace-id") or f"Root={uuid.uuid4()}")
    return response


def _wrong_answer(fault: Fault) -> Response:
    status = fault.status or 200
    if fault.html:
        page = fault.body if isinstance(fault.body, str) else "<!DOCTYPE html><html><body>Bad gateway</body></html>"
        return HTMLResponse(page, status, headers=dict(fault.headers))
    body = fault.body if fault.body is not None else {"error": f"Told to answer {status}"}
    if isinstance(body, str):
        return Response(body, status, headers=dict(fault.headers), media_type="text/plain")
    return JSONResponse(body, status, headers=dict(fault.headers))
