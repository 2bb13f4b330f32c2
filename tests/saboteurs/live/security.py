"""Saboteurs of security (T025)."""

from __future__ import annotations

import json
import os
from urllib.parse import urlsplit

from starlette.types import ASGIApp, Scope

from tests.saboteurs.live.registry import turns_red
from tests.saboteurs.wrapping import Reply, replace, spoilt


@turns_red("T025")
def every_origin_allowed(app: ASGIApp) -> ASGIApp:
    """Pages of every origin may read what the app answers (CORS *)."""
    return _with_header(app, "access-control-allow-origin", "*")


@turns_red("T025")
def no_content_security_policy(app: ASGIApp) -> ASGIApp:
    """The page comes without a Content-Security-Policy."""
    return _without_header(app, "content-security-policy")


@turns_red("T025")
def inline_scripts_allowed(app: ASGIApp) -> ASGIApp:
    """The policy of the page lets inline scripts run."""

    def spoil(scope: Scope, reply: Reply) -> None:
        policy = reply.headers.get("content-security-policy", "")
        reply.headers["content-security-policy"] = policy.replace("script-src", "script-src 'unsafe-inline'")

    return spoilt(app, spoil)


@turns_red("T025")
def types_guessed(app: ASGIApp) -> ASGIApp:
    """Browsers may guess what an answer is: no nosniff."""
    return _without_header(app, "x-content-type-options")


@turns_red("T025")
def frames_forbidden_by_header(app: ASGIApp) -> ASGIApp:
    """X-Frame-Options is sent, which knows no list of who may embed."""
    return _with_header(app, "x-frame-options", "SAMEORIGIN")


@turns_red("T025")
def referrer_told(app: ASGIApp) -> ASGIApp:
    """Addresses of the app reach other sites: no Referrer-Policy."""
    return _without_header(app, "referrer-policy")


@turns_red("T025")
def server_told(app: ASGIApp) -> ASGIApp:
    """Every answer tells which server in which version it comes from."""
    return _with_header(app, "server", "uvicorn/0.1")


@turns_red("T025")
def logins_unthrottled(app: ASGIApp) -> ASGIApp:
    """Passwords can be guessed as fast as the app answers."""
    from app.identity.throttle import Throttle

    async def hit(self: Throttle, what: str, who: str) -> int:
        return 0

    replace(Throttle, "hit", hit)
    return app


@turns_red("T025")
def throttled_without_a_word(app: ASGIApp) -> ASGIApp:
    """A login that came too often is not told when to come again."""
    return _without_header(app, "retry-after")


@turns_red("T025")
def redirected_to_plain_http(app: ASGIApp) -> ASGIApp:
    """Behind the proxy that ends TLS, a redirect leads from https to http."""

    def spoil(_scope: Scope, reply: Reply) -> None:
        if location := reply.headers.get("location"):
            reply.headers["location"] = location.replace("https://", "http://")

    return spoilt(app, spoil)


@turns_red("T025")
def redirected_to_whoever_asks(app: ASGIApp) -> ASGIApp:
    """A redirect leads to the host that whoever asks put in X-Forwarded-Host."""

    def spoil(scope: Scope, reply: Reply) -> None:
        claimed = dict(scope["headers"]).get(b"x-forwarded-host", b"").decode()
        if claimed and (location := reply.headers.get("location")):
            reply.headers["location"] = f"https://{claimed}{urlsplit(location).path}"

    return spoilt(app, spoil)


@turns_red("T025")
def https_not_held_to(app: ASGIApp) -> ASGIApp:
    """Browsers that came by https are not told to stay with it (HSTS)."""
    return _without_header(app, "strict-transport-security")


@turns_red("T025")
def https_held_to_for_no_time(app: ASGIApp) -> ASGIApp:
    """What tells browsers to stay with https ends at once (max-age=0)."""
    return _with_header(app, "strict-transport-security", "max-age=0")


@turns_red("T025")
def cookie_for_everybody(app: ASGIApp) -> ASGIApp:
    """A cookie goes out over plain http and may be read by scripts."""
    return _with_header(app, "set-cookie", "visit=1; Path=/; SameSite=None")


@turns_red("T025")
def secret_in_the_log(app: ASGIApp) -> ASGIApp:
    """The log tells the key that signs tokens."""
    print(json.dumps({"message": f"starting with {os.environ['JWT_KEY_A']}"}), flush=True)  # noqa: T201
    return app


@turns_red("T025")
def secret_in_an_answer(app: ASGIApp) -> ASGIApp:
    """An answer holds the key that signs tokens."""
    return _with_header(app, "x-debug", os.environ.get("JWT_KEY_A", ""))


def _with_header(app: ASGIApp, name: str, value: str) -> ASGIApp:
    def spoil(_scope: Scope, reply: Reply) -> None:
        reply.headers[name] = value

    return spoilt(app, spoil)


def _without_header(app: ASGIApp, name: str) -> ASGIApp:
    def spoil(_scope: Scope, reply: Reply) -> None:
        del reply.headers[name]

    return spoilt(app, spoil)
