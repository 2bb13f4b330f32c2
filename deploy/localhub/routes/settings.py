"""Secrets, variables and visibility. A change that changes something restarts the Space; a value of a secret never
leaves again by any route."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, Literal

from starlette.responses import JSONResponse, Response

from deploy.localhub import clock
from deploy.localhub.http.calls import Call
from deploy.localhub.http.endpoint import Route
from deploy.localhub.routes import keys
from deploy.localhub.routes.repos import VISIBILITIES, one_of
from deploy.localhub.spaces import Space, StoredSecret, Variable

Kind = Literal["secrets", "variables"]
_Settings = Mapping[str, StoredSecret | Variable]


def listed(call: Call, *, kind: Kind) -> Response:
    return _shown(call.writable_space() if kind == "secrets" else call.space(), kind)


def put(call: Call, *, kind: Kind) -> Response:
    asked = call.json()
    read = keys.secret if kind == "secrets" else keys.variable
    key, held = keys.key_of(asked), read(asked, clock.stamp(call.hub.time()))
    return _changed(call, kind, lambda settings: {**settings, key: held})


def delete(call: Call, *, kind: Kind) -> Response:
    gone = keys.key_of(call.json())
    return _changed(call, kind, lambda settings: {key: held for key, held in settings.items() if key != gone})


def put_settings(call: Call) -> Response:
    asked = call.json()
    visibility = asked.get("visibility")
    if visibility is None and "private" in asked:
        visibility = "private" if asked["private"] else "public"
    if visibility is not None:
        visibility = one_of({"visibility": visibility}, "visibility", VISIBILITIES)
        call.hub.spaces.change(call.writable_space().id, lambda space: replace(space, visibility=visibility))
        call.hub.supervisor.space(call.space_id).show(private=visibility == "private")
    return JSONResponse({"visibility": call.writable_space().visibility})


def _changed(call: Call, kind: Kind, edit: Callable[[_Settings], _Settings]) -> Response:
    """The Space restarts when a value is another than before."""
    before: dict[str, object] = {}

    def change(space: Space) -> Space:
        before.update(_values(space, kind))
        changed: dict[str, Any] = {kind: edit(getattr(space, kind))}
        return replace(space, **changed)

    space = call.hub.spaces.change(call.writable_space().id, change)
    if _values(space, kind) != before:
        call.hub.publisher.settings_changed(space.id)
    return JSONResponse({}) if kind == "secrets" else _shown(space, kind)


def _values(space: Space, kind: Kind) -> dict[str, object]:
    settings: _Settings = getattr(space, kind)
    return {key: held.value for key, held in settings.items()}


def _shown(space: Space, kind: Kind) -> Response:
    """Of a secret all but its value."""
    settings: _Settings = getattr(space, kind)
    return JSONResponse({key: _document(held) for key, held in sorted(settings.items())})


def _document(held: StoredSecret | Variable) -> dict[str, str]:
    value = {"value": held.value} if isinstance(held, Variable) else {}
    described = {"description": held.description} if held.description else {}
    return {**value, **described, "updatedAt": held.updated}


ROUTES = (
    *(
        Route(method=method, template=f"/api/spaces/{{id}}/{kind}", handler=partial(handler, kind=kind))
        for kind in ("secrets", "variables")
        for method, handler in (("GET", listed), ("POST", put), ("DELETE", delete))
    ),
    Route(method="PUT", template="/api/spaces/{id}/settings", handler=put_settings),
)
