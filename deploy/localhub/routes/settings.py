"""Secrets, variables and visibility. A change that changes something restarts the Space; a value of a secret never
leaves again by any route."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from starlette.responses import JSONResponse, Response

from deploy.localhub import clock
from deploy.localhub.answers import Refusal
from deploy.localhub.http.calls import Call
from deploy.localhub.http.endpoint import Route
from deploy.localhub.routes import keys
from deploy.localhub.routes.repos import VISIBILITIES
from deploy.localhub.spaces import Space, StoredSecret, Variable


def list_secrets(call: Call) -> Response:
    space = call.writable_space()
    return JSONResponse({key: _facts(held) for key, held in sorted(space.secrets.items())})


def put_secret(call: Call) -> Response:
    asked = call.json()
    key, held = keys.key_of(asked), keys.secret(asked, clock.stamp(call.hub.time()))

    def edit(space: Space) -> Space:
        return replace(space, secrets={**space.secrets, key: held})

    before = _change(call, edit).secrets.get(key)
    if before is None or before.value != held.value:
        call.hub.publisher.settings_changed(call.space_id)
    return JSONResponse({})


def delete_secret(call: Call) -> Response:
    key = keys.key_of(call.json())

    def edit(space: Space) -> Space:
        return replace(space, secrets={name: held for name, held in space.secrets.items() if name != key})

    if key in _change(call, edit).secrets:
        call.hub.publisher.settings_changed(call.space_id)
    return JSONResponse({})


def list_variables(call: Call) -> Response:
    return _variables(call.space())


def put_variable(call: Call) -> Response:
    asked = call.json()
    key, variable = keys.key_of(asked), keys.variable(asked, clock.stamp(call.hub.time()))

    def edit(space: Space) -> Space:
        return replace(space, variables={**space.variables, key: variable})

    before = _change(call, edit).variables.get(key)
    if before is None or before.value != variable.value:
        call.hub.publisher.settings_changed(call.space_id)
    return _variables(call.space())


def delete_variable(call: Call) -> Response:
    key = keys.key_of(call.json())

    def edit(space: Space) -> Space:
        return replace(space, variables={name: one for name, one in space.variables.items() if name != key})

    if key in _change(call, edit).variables:
        call.hub.publisher.settings_changed(call.space_id)
    return _variables(call.space())


def put_settings(call: Call) -> Response:
    asked = call.json()
    visibility = asked.get("visibility")
    if visibility is None and "private" in asked:
        visibility = "private" if asked["private"] else "public"
    if visibility is not None:
        if visibility not in VISIBILITIES:
            raise Refusal(400, f'"visibility" must be one of {", ".join(VISIBILITIES)}')
        _change(call, lambda space: replace(space, visibility=visibility))
        call.hub.supervisor.space(call.space_id).show(private=visibility == "private")
    return JSONResponse({"visibility": call.writable_space().visibility})


def _change(call: Call, edit: Callable[[Space], Space]) -> Space:
    """Apply `edit`; the Space as it was before, to tell whether anything is different."""
    before: list[Space] = []

    def remember(space: Space) -> Space:
        before.append(space)
        return edit(space)

    call.hub.spaces.change(call.writable_space().id, remember)
    return before[0]


def _variables(space: Space) -> Response:
    shown = {key: {"value": one.value, **_facts(one)} for key, one in sorted(space.variables.items())}
    return JSONResponse(shown)


def _facts(held: StoredSecret | Variable) -> dict[str, str]:
    described = {"description": held.description} if held.description else {}
    return {**described, "updatedAt": held.updated}


ROUTES = (
    Route(method="GET", template="/api/spaces/{id}/secrets", handler=list_secrets),
    Route(method="POST", template="/api/spaces/{id}/secrets", handler=put_secret),
    Route(method="DELETE", template="/api/spaces/{id}/secrets", handler=delete_secret),
    Route(method="GET", template="/api/spaces/{id}/variables", handler=list_variables),
    Route(method="POST", template="/api/spaces/{id}/variables", handler=put_variable),
    Route(method="DELETE", template="/api/spaces/{id}/variables", handler=delete_variable),
    Route(method="PUT", template="/api/spaces/{id}/settings", handler=put_settings),
)
