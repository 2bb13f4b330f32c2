"""Saboteurs of the pages and of what is live in them (T019, T023, T027)."""

from __future__ import annotations

from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tests.saboteurs.live.registry import turns_red
from tests.saboteurs.wrapping import EVENTS, Reply, replace, spoilt

SCRIPT = "/assets/app/main.js"
STYLE = "/assets/css/base.css"


@turns_red("T019")
def script_fails(app: ASGIApp) -> ASGIApp:
    """The page's script ends in an error."""
    return _with_more(app, SCRIPT, "\nthrow new Error('sabotage')\n")


@turns_red("T019")
def page_hides_in_frames(app: ASGIApp) -> ASGIApp:
    """The page shows nothing when it is embedded."""
    return _with_more(app, SCRIPT, "\nif (window.top !== window) document.body.hidden = true\n")


@turns_red("T019", "T025")
def embedding_forbidden(app: ASGIApp) -> ASGIApp:
    """The policy of the page keeps it out of huggingface.co."""

    def spoil(scope: Scope, reply: Reply) -> None:
        policy = reply.headers.get("content-security-policy", "")
        if scope["path"] == "/":
            reply.headers["content-security-policy"] = policy.partition("frame-ancestors")[0] + "frame-ancestors 'none'"

    return spoilt(app, spoil)


@turns_red("T023")
def wider_than_the_screen(app: ASGIApp) -> ASGIApp:
    """On a telephone the page has to be scrolled sideways."""
    return _with_more(app, STYLE, "\nbody { min-width: 40rem }\n")


@turns_red("T023")
def buttons_too_small(app: ASGIApp) -> ASGIApp:
    """Buttons are too small to be pressed with a finger."""
    small = "width: 12px !important; height: 12px !important; min-width: 0 !important; min-height: 0 !important"
    return _with_more(app, STYLE, f"\nbutton {{ {small}; padding: 0 !important; overflow: hidden }}\n")


@turns_red("T027")
def changes_never_arrive(app: ASGIApp) -> ASGIApp:
    """An open page hears nothing of what another one changes."""
    from app.data import changes

    def since(_connection: object, _user: object, version: int, **_options: Any) -> changes.Changes:
        return changes.Changes(newest=version, reset=False, page=(), more=False)

    replace(changes, "since", since)
    return app


@turns_red("T027")
def changes_of_others_arrive(app: ASGIApp) -> ASGIApp:
    """An open page hears what other users change."""
    listening: list[Send] = []

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        async def tell_all(message: Message) -> None:
            for each in listening if b"data:" in message.get("body", b"") else [send]:
                await each(message)

        if scope["type"] != "http" or scope["path"] != EVENTS:
            await app(scope, receive, send)
            return
        listening.append(send)
        try:
            await app(scope, receive, tell_all)
        finally:
            listening.remove(send)

    return serve


@turns_red("T027")
def page_refuses_head(app: ASGIApp) -> ASGIApp:
    """The page does not answer HEAD, which monitors ask."""

    def spoil(scope: Scope, reply: Reply) -> None:
        if (scope["method"], scope["path"]) == ("HEAD", "/"):
            reply.status = 405

    return spoilt(app, spoil)


@turns_red("T027")
def documents_gone(app: ASGIApp) -> ASGIApp:
    """The page with the API's description is missing."""

    def spoil(scope: Scope, reply: Reply) -> None:
        if scope["path"] == "/docs":
            reply.says(404, detail="There is no such page")

    return spoilt(app, spoil)


@turns_red("T027")
def operation_not_described(app: ASGIApp) -> ASGIApp:
    """The OpenAPI document leaves out the stream of changes."""
    import json

    def spoil(scope: Scope, reply: Reply) -> None:
        if scope["path"] == "/openapi.json":
            document = reply.document
            del document["paths"][EVENTS]
            reply.becomes(200, "application/json", json.dumps(document))

    return spoilt(app, spoil)


def _with_more(app: ASGIApp, path: str, text: str) -> ASGIApp:
    """A file of the page that ends in `text`."""

    def spoil(scope: Scope, reply: Reply) -> None:
        if scope["path"] == path and reply.status == 200:
            reply.body += text.encode()

    return spoilt(app, spoil)
