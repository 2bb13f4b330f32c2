"""The running Space: its state, restart, pause, hardware, sleep."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from starlette.responses import JSONResponse, Response

from deploy.localhub import hardware as hardware_flavors
from deploy.localhub.answers import Refusal
from deploy.localhub.hardware import FLAVORS
from deploy.localhub.http.calls import Call
from deploy.localhub.http.endpoint import Route
from deploy.localhub.routes import runtime_view
from deploy.localhub.routes.repos import one_of
from deploy.localhub.spaces import Space

NEVER = -1


def show(call: Call) -> Response:
    return _runtime(call, call.space())


def restart(call: Call) -> Response:
    _not_static(call)
    call.hub.publisher.restart(call.space_id, factory=call.flag("factory"))
    return _runtime(call, call.space())


def pause(call: Call) -> Response:
    _not_static(call)
    call.hub.publisher.pause(call.space_id)
    return _runtime(call, call.space())


def hardware(call: Call) -> Response:
    _not_static(call)
    asked = call.json()
    flavor = one_of(asked, "flavor", FLAVORS)
    before = call.space()
    sleep = _seconds(asked.get("sleepTimeSeconds", before.sleep))
    call.hub.spaces.change(call.space_id, lambda space: replace(space, hardware=flavor, sleep=sleep))
    if flavor != before.hardware:
        call.hub.publisher.settings_changed(call.space_id)
    return _runtime(call, call.space())


def sleep_time(call: Call) -> Response:
    _not_static(call)
    seconds = _seconds(call.json().get("seconds"))
    return _changed(call, lambda space: replace(space, sleep=seconds))


def dev_mode(call: Call) -> Response:
    _not_static(call)
    enabled = call.json().get("enabled") is True
    return _changed(call, lambda space: replace(space, dev_mode=enabled))


def put_volumes(call: Call) -> Response:
    """Kept and shown; nothing is mounted here."""
    call.writable_space()
    volumes = call.json().get("volumes")
    if not isinstance(volumes, list):
        raise Refusal(400, '"volumes" must be a list')
    mounted = tuple(volumes)
    return _changed(call, lambda space: replace(space, volumes=mounted))


def delete_volumes(call: Call) -> Response:
    call.writable_space()
    return _changed(call, lambda space: replace(space, volumes=()))


def flavors(_call: Call) -> Response:
    return JSONResponse([flavor.document() for flavor in hardware_flavors.listed()])


def _changed(call: Call, edit: Callable[[Space], Space]) -> Response:
    return _runtime(call, call.hub.spaces.change(call.space_id, edit))


def _runtime(call: Call, space: Space) -> Response:
    return JSONResponse(runtime_view.document(call.hub, space))


def _not_static(call: Call) -> None:
    if call.writable_space().sdk == "static":
        raise Refusal(400, "This operation is not available for static Spaces")


def _seconds(value: object) -> int:
    if not isinstance(value, int) or value < NEVER:
        raise Refusal(400, "Sleep time is a number of seconds, or -1 for never")
    return value


ROUTES = (
    Route(method="GET", template="/api/spaces/hardware", handler=flavors),
    Route(method="GET", template="/api/spaces/{id}/runtime", handler=show),
    Route(method="POST", template="/api/spaces/{id}/restart", handler=restart),
    Route(method="POST", template="/api/spaces/{id}/pause", handler=pause),
    Route(method="POST", template="/api/spaces/{id}/hardware", handler=hardware),
    Route(method="POST", template="/api/spaces/{id}/sleeptime", handler=sleep_time),
    Route(method="POST", template="/api/spaces/{id}/dev-mode", handler=dev_mode),
    Route(method="PUT", template="/api/spaces/{id}/volumes", handler=put_volumes),
    Route(method="DELETE", template="/api/spaces/{id}/volumes", handler=delete_volumes),
)
