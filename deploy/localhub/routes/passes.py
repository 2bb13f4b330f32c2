"""Passes to the app of a Space, for who may see it."""

from __future__ import annotations

from starlette.responses import JSONResponse, Response

from deploy.localhub import answers
from deploy.localhub.http.calls import Call
from deploy.localhub.http.endpoint import Route
from deploy.localhub.identity import passes
from deploy.localhub.identity.access import OTHER_REPOSITORY


def jwt(call: Call) -> Response:
    user, grant = call.caller.user, call.caller.grant
    if user is None or grant is None:
        raise answers.anonymous()
    if grant.repository not in (None, call.space_id):
        raise answers.not_allowed(OTHER_REPOSITORY.format(repository=grant.repository))
    token = passes.issue(call.space().id, user.name, key=call.hub.pass_key, now=call.hub.time().timestamp())
    return JSONResponse({"token": token}, headers={"Cache-Control": "no-store"})


ROUTES = (Route(method="GET", template="/api/spaces/{id}/jwt", handler=jwt),)
