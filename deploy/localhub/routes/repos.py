"""Making and removing Spaces."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

from starlette.responses import JSONResponse, PlainTextResponse, Response

from deploy.localhub import answers, clock
from deploy.localhub.answers import Refusal
from deploy.localhub.hardware import FLAVORS
from deploy.localhub.http.calls import Call, text
from deploy.localhub.http.endpoint import Route
from deploy.localhub.identity.accounts import User
from deploy.localhub.routes import keys
from deploy.localhub.spaces import Space, is_name

SDKS = ("gradio", "docker", "static")
VISIBILITIES = ("public", "private", "protected")
PLAN_NEEDED = (
    "Static Spaces are free for everyone, but hosting Gradio and Docker Spaces on free cpu-basic requires a PRO "
    "subscription. Subscribe at https://huggingface.co/pro"
)
BAD_NAME = (
    "Invalid repository name: use letters, digits, '-', '_' and '.', 96 at most, without '--' or '..', "
    "beginning with a letter or digit"
)


def create(call: Call) -> Response:
    asked = call.json()
    user = _creator(call, asked)
    space = _space(call, user, asked)
    url = f"{call.base}/spaces/{space.id}"
    if call.hub.spaces.get(space.id):
        return exists(url)
    require_plan(user, space.sdk)
    if not call.hub.add_space(space):
        return exists(url)
    return JSONResponse({"url": url, "name": space.id, "id": space.key})


def require_plan(user: User, sdk: str) -> None:
    """Raises Refusal (402): since July 2026 only static Spaces are free."""
    if sdk != "static" and user.plan == "free":
        raise Refusal(402, PLAN_NEEDED)


def delete(call: Call) -> Response:
    asked = call.json()
    _only_spaces(asked)
    owner = asked.get("organization") or call.caller.name
    space = call.writable(f"{owner}/{text(asked, 'name')}")
    call.hub.remove_space(space.id)
    return PlainTextResponse("OK")


def _creator(call: Call, asked: Mapping[str, Any]) -> User:
    user, grant = call.caller.user, call.caller.grant
    if user is None or grant is None:
        raise answers.login_needed()
    namespace = asked.get("organization") or user.name
    if grant.role != "write" or grant.repository or not user.owns(namespace):
        raise answers.not_allowed(f'You don\'t have the rights to create a space under the namespace "{namespace}"')
    return user


def _space(call: Call, user: User, asked: Mapping[str, Any]) -> Space:
    _only_spaces(asked)
    namespace, name = asked.get("organization") or user.name, text(asked, "name")
    if not is_name(name) or not is_name(namespace):
        raise Refusal(400, BAD_NAME)
    now = clock.stamp(call.hub.time())
    return Space(
        id=f"{namespace}/{name}",
        key=secrets.token_hex(12),
        sdk=one_of(asked, "sdk", SDKS),
        creator=user.name,
        created=now,
        visibility=one_of(asked, "visibility", VISIBILITIES, "private" if asked.get("private") else "public"),
        hardware=one_of(asked, "hardware", FLAVORS, "cpu-basic"),
        sleep=int(asked.get("sleepTimeSeconds") or 172800),
        volumes=tuple(asked.get("volumes") or ()),
        variables={key: keys.variable(item, now) for key, item in keys.listed(asked, "variables")},
        secrets={key: keys.secret(item, now) for key, item in keys.listed(asked, "secrets")},
    )


def exists(url: str) -> Response:
    message = "You already created this space repo"
    return JSONResponse({"error": message, "url": url}, 409, {"X-Error-Message": message})


def _only_spaces(asked: Mapping[str, Any]) -> None:
    if asked.get("type") != "space":
        raise Refusal(400, "This Hub holds Spaces only: repo_type must be 'space'")


def one_of(asked: Mapping[str, Any], name: str, known: tuple[str, ...], default: str | None = None) -> str:
    value = asked.get(name) or default
    if value not in known:
        raise Refusal(400, f'"{name}" must be one of {", ".join(known)}')
    return value


ROUTES = (
    Route(method="POST", template="/api/repos/create", handler=create),
    Route(method="DELETE", template="/api/repos/delete", handler=delete),
)
