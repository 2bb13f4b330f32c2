"""Spaces made of other Spaces: duplicates and new names."""

from __future__ import annotations

import secrets
from dataclasses import replace

from starlette.responses import JSONResponse, Response

from deploy.localhub import answers, clock
from deploy.localhub.answers import Refusal
from deploy.localhub.http.calls import Call, text
from deploy.localhub.http.endpoint import Route
from deploy.localhub.routes import keys
from deploy.localhub.routes.repos import VISIBILITIES, exists, one_of, require_plan
from deploy.localhub.spaces import Space, is_name


def duplicate(call: Call) -> Response:
    """Variables are copied, secrets are not (Hub docs, "Spaces Overview", duplicating)."""
    source, now = call.space(), clock.stamp(call.hub.time())
    asked = call.json()
    target = _target(call, text(asked, "repository"))
    user = call.caller.user
    assert user is not None
    require_plan(user, source.sdk)
    variables = {key: keys.variable(item, now) for key, item in keys.listed(asked, "variables")}
    made = replace(
        source,
        id=target,
        key=secrets.token_hex(12),
        creator=user.name,
        created=now,
        visibility=one_of(asked, "visibility", VISIBILITIES, source.visibility),
        secrets={key: keys.secret(item, now) for key, item in keys.listed(asked, "secrets")},
        variables={**source.variables, **variables},
        publishers=(),
    )
    url = f"{call.base}/spaces/{target}"
    if not call.hub.add_space(_fresh(made), copy_of=source.id):
        return exists(url)
    call.hub.publisher.publish(target)
    return JSONResponse({"url": url, "filesCopyPending": False})


def move(call: Call) -> Response:
    """What ran under the old name is ended, and built again under the new one, with another address."""
    asked = call.json()
    source = call.writable(text(asked, "fromRepo"))
    target = _target(call, text(asked, "toRepo"))
    if not call.hub.add_space(_fresh(replace(source, id=target)), copy_of=source.id):
        raise Refusal(409, "This repository name is already taken")
    call.hub.remove_space(source.id)
    call.hub.publisher.publish(target)
    return JSONResponse({"url": f"{call.base}/spaces/{target}"})


def _target(call: Call, space_id: str) -> str:
    namespace, _, name = space_id.partition("/")
    user, grant = call.caller.user, call.caller.grant
    if user is None or grant is None:
        raise answers.anonymous()
    if grant.role != "write" or grant.repository or not user.owns(namespace):
        raise answers.not_allowed(f'You don\'t have the rights to create a space under the namespace "{namespace}"')
    if not is_name(name):
        raise Refusal(400, f"Invalid repository name: {name}")
    return space_id


def _fresh(space: Space) -> Space:
    return replace(space, deployed=None, blocked=None, paused=False)


ROUTES = (
    Route(method="POST", template="/api/spaces/{id}/duplicate", handler=duplicate),
    Route(method="POST", template="/api/repos/move", handler=move),
)
