"""Trusted publishers: a workflow's identity token for write access to one Space (Hub docs, "Trusted Publishers")."""

from __future__ import annotations

from datetime import timedelta

from starlette.responses import JSONResponse, Response

from deploy.localhub.http.calls import Call
from deploy.localhub.http.endpoint import Route
from deploy.localhub.identity import oidc
from deploy.localhub.identity.accounts import Grant
from deploy.localhub.identity.jws import InvalidToken
from deploy.localhub.spaces import Space

_GRANT_TYPE = "urn:ietf:params:oauth:grant-type:token-exchange"
_ID_TOKEN = "urn:ietf:params:oauth:token-type:id_token"  # noqa: S105 - the name of a kind of token
_ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token"  # noqa: S105 - the name of a kind of token
_LIFE = timedelta(hours=1)


def identity_token(call: Call) -> Response:
    """What GitHub answers at ACTIONS_ID_TOKEN_REQUEST_URL, with the claims that `/_hub/oidc` set."""
    if not call.request.headers.get("authorization", "").startswith("Bearer "):
        return JSONResponse({"message": "Bad credentials"}, 401)
    now = call.hub.time().timestamp()
    audience = call.query("audience", call.base)
    return JSONResponse(
        {"value": oidc.make(call.hub.workflow_claims, audience=audience, key=call.hub.signing_key, now=now)}
    )


def exchange(call: Call) -> Response:
    asked = call.json()
    if asked.get("grant_type") != _GRANT_TYPE or asked.get("subject_token_type") != _ID_TOKEN:
        return _refused("unsupported_grant_type", "Only the exchange of an id token is supported")
    kind, _, space_id = str(asked.get("resource", "")).partition("/")
    space = call.hub.spaces.get(space_id) if kind == "spaces" else None
    if space is None:
        return _refused("invalid_request", "The resource does not exist or has no trusted publisher")
    try:
        claims = oidc.read(
            str(asked.get("subject_token", "")),
            audience=call.base,
            key=call.hub.signing_key,
            now=call.hub.time().timestamp(),
        )
    except InvalidToken as error:
        return _refused("invalid_grant", str(error))
    if not any(oidc.trusts(publisher, claims) for publisher in space.publishers):
        return _refused("invalid_grant", "No trusted publisher of the resource matches the id token")
    return _granted(call, space)


def _granted(call: Call, space: Space) -> Response:
    expires = call.hub.time() + _LIFE
    grant = Grant(
        user=space.creator, role="write", display_name="[OIDC]", repository=space.id, expires=expires.isoformat()
    )
    return JSONResponse(
        {
            "access_token": call.hub.accounts.issue(grant, prefix="hf_jwt_").reveal(),
            "token_type": "bearer",
            "expires_in": int(_LIFE.total_seconds()),
            "issued_token_type": _ACCESS_TOKEN,
        }
    )


def _refused(error: str, description: str) -> Response:
    return JSONResponse({"error": error, "error_description": description}, 400)


ROUTES = (
    Route(method="GET", template="/gh-oidc", handler=identity_token, identified=False),
    Route(method="POST", template="/oauth/token", handler=exchange, identified=False),
)
