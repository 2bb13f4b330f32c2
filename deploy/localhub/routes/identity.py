"""Who the caller is, what they may do, and passes to apps for who may see them: `whoami`, `auth_check`, `jwt`."""

from __future__ import annotations

from starlette.responses import JSONResponse, Response

from deploy.localhub import answers
from deploy.localhub.answers import Refusal
from deploy.localhub.http.calls import Call
from deploy.localhub.http.endpoint import Route
from deploy.localhub.identity import passes
from deploy.localhub.identity.access import OTHER_REPOSITORY


def whoami(call: Call) -> Response:
    user, grant = call.caller.user, call.caller.grant
    if user is None or grant is None:
        raise answers.login_needed()
    token = {"displayName": grant.display_name, "role": grant.role, "createdAt": grant.created}
    return JSONResponse(
        {
            "type": "user",
            "id": f"user-{user.name}",
            "name": user.name,
            "fullname": user.name,
            "isPro": user.plan != "free",
            "plan": user.plan,
            "orgs": [{"type": "org", "name": name, "fullname": name} for name in user.organizations],
            "auth": {"type": "access_token", "accessToken": token},
        }
    )


def agent_harnesses(_call: Call) -> Response:
    """The client asks for it before its first call and takes 404 for "none"."""
    raise Refusal(404, "Not found")


def may_read(call: Call) -> Response:
    call.space()
    return JSONResponse({})


def may_write(call: Call) -> Response:
    call.writable_space()
    return JSONResponse({})


def jwt(call: Call) -> Response:
    """A pass to the app of a Space."""
    user, grant = call.caller.user, call.caller.grant
    if user is None or grant is None:
        raise answers.anonymous()
    if grant.repository not in (None, call.space_id):
        raise answers.not_allowed(OTHER_REPOSITORY.format(repository=grant.repository))
    token = passes.issue(call.space().id, user.name, key=call.hub.pass_key, now=call.hub.time().timestamp())
    return JSONResponse({"token": token}, headers={"Cache-Control": "no-store"})


ROUTES = (
    Route(method="GET", template="/api/whoami-v2", handler=whoami),
    Route(method="GET", template="/api/agent-harnesses", handler=agent_harnesses),
    Route(method="GET", template="/api/spaces/{id}/auth-check", handler=may_read),
    Route(method="GET", template="/api/spaces/{id}/auth-check/write", handler=may_write),
    Route(method="GET", template="/api/spaces/{id}/jwt", handler=jwt),
)
