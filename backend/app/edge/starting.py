"""The lifespan, in which a start that cannot be is told in one line."""

from __future__ import annotations

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.data.errors import CannotStart

FAILED = "lifespan.startup.failed"


async def run(app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    """Starlette tells the server of a failed start with a traceback, which the server logs. That is kept for failures
    nobody thought of; the reason of CannotStart is all there is to say."""
    held: list[Message] = []

    async def hold(message: Message) -> None:
        if message["type"] == FAILED:
            held.append(message)
        else:
            await send(message)

    try:
        await app(scope, receive, hold)
    except CannotStart as reason:
        held = [{"type": FAILED, "message": str(reason)}]
        raise
    finally:
        for message in held:
            await send(message)
