"""What only a local Hub has: counting requests, faults, more tokens, more users. For its owner's token."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

from starlette.responses import JSONResponse, Response

from deploy.localhub import answers
from deploy.localhub.answers import Refusal
from deploy.localhub.http.calls import Call, text
from deploy.localhub.http.endpoint import Route
from deploy.localhub.identity.accounts import OWNER, Grant, User
from deploy.localhub.misbehaviour import faults
from deploy.localhub.misbehaviour.quotas import DEFAULT_WINDOW, Kind
from deploy.localhub.runtime.faults import NAMES as RUNTIME_FAULTS
from deploy.localhub.spaces import Publisher


def status(call: Call) -> Response:
    """Answered to anyone: that this is a local Hub, so that its starter knows it from another server."""
    return JSONResponse({"spacewright": "local hub", "spaces": len(call.hub.spaces.all())})


def requests(call: Call) -> Response:
    _owner(call)
    return JSONResponse(call.hub.traffic.counts())


def forget_requests(call: Call) -> Response:
    _owner(call)
    call.hub.traffic.reset()
    return JSONResponse({})


def add_fault(call: Call) -> Response:
    """A fault of a route; of a Space (`space`, `name`, `value`); or a limit (`limit`, `quota`, `window` seconds)."""
    _owner(call)
    asked = call.json()
    if "space" in asked:
        _fault_of_space(call, asked)
    elif "limit" in asked:
        call.hub.quotas.set(cast(Kind, asked["limit"]), int(asked["quota"]), float(asked.get("window", DEFAULT_WINDOW)))
    else:
        call.hub.faults.add(faults.parse(asked))
    return JSONResponse({})


def forget_faults(call: Call) -> Response:
    _owner(call)
    call.hub.faults.clear()
    call.hub.quotas.reset()
    for space in call.hub.spaces.all():
        for name in RUNTIME_FAULTS:
            call.hub.supervisor.space(space.id).fault(name, None)
    return JSONResponse({})


def add_token(call: Call) -> Response:
    _owner(call)
    asked = call.json()
    role = asked.get("role", "write")
    if role not in ("read", "write"):
        raise Refusal(422, '"role" must be read or write')
    grant = Grant(user=text(asked, "user"), role=role, display_name="test", expires=asked.get("expires"))
    return JSONResponse({"token": call.hub.accounts.issue(grant).reveal()})


def put_user(call: Call) -> Response:
    _owner(call)
    asked = call.json()
    user = User(
        name=text(asked, "user"), plan=asked.get("plan", "pro"), organizations=tuple(asked.get("organizations", ()))
    )
    call.hub.accounts.put_user(user)
    return JSONResponse({})


def trust(call: Call) -> Response:
    """The claims of the stand-in for GitHub (`claims`), or the trusted publishers of a `space` (`publishers`)."""
    _owner(call)
    asked = call.json()
    if "claims" in asked:
        call.hub.workflow_claims = dict(asked["claims"])
    if "space" in asked:
        publishers = tuple(Publisher(**one) for one in asked.get("publishers", ()))
        call.hub.spaces.change(text(asked, "space"), lambda space: replace(space, publishers=publishers))
    return JSONResponse({})


def _fault_of_space(call: Call, asked: dict[str, Any]) -> None:
    name = text(asked, "name")
    if name not in RUNTIME_FAULTS:
        raise Refusal(422, f'"name" must be one of {", ".join(sorted(RUNTIME_FAULTS))}')
    space = call.hub.spaces.get(text(asked, "space"))
    if space is None:
        raise answers.repository_missing()
    try:
        call.hub.supervisor.space(space.id).fault(name, asked.get("value", True))
    except ValueError as error:
        raise Refusal(422, str(error)) from None


def _owner(call: Call) -> None:
    grant = call.caller.grant
    if grant is None:
        raise answers.login_needed()
    if grant.user != OWNER or grant.role != "write" or grant.repository:
        raise answers.not_allowed("Only the owner of this local Hub may do that")


ROUTES = (
    Route(method="GET", template="/_hub", handler=status),
    Route(method="GET", template="/_hub/requests", handler=requests),
    Route(method="DELETE", template="/_hub/requests", handler=forget_requests),
    Route(method="POST", template="/_hub/faults", handler=add_fault),
    Route(method="DELETE", template="/_hub/faults", handler=forget_faults),
    Route(method="POST", template="/_hub/tokens", handler=add_token),
    Route(method="POST", template="/_hub/users", handler=put_user),
    Route(method="POST", template="/_hub/oidc", handler=trust),
)
