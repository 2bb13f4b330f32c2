"""Saboteurs of accounts and of tokens (T017, T020)."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import jwt
from starlette.types import ASGIApp, Receive, Scope, Send

from tests.saboteurs.live.registry import turns_red
from tests.saboteurs.wrapping import Reply, replace, spoilt


@turns_red("T017")
def names_told_apart(app: ASGIApp) -> ASGIApp:
    """A login says of an unknown name that there is no such user."""
    from fastapi import HTTPException

    from app.api import auth

    find = auth._find

    async def telling(database: Any, name: str) -> Any:
        if (found := await find(database, name)) is None:
            raise HTTPException(401, "There is no such user", {"WWW-Authenticate": "Bearer"})
        return found

    replace(auth, "_find", telling)
    return app


@turns_red("T017")
def nobody_can_log_in(app: ASGIApp) -> ASGIApp:
    """A login that is right is answered with 500."""

    def spoil(scope: Scope, reply: Reply) -> None:
        if scope["path"] == "/api/v1/auth/login" and reply.status == 200:
            reply.says(500, detail="The server failed")

    return spoilt(app, spoil)


@turns_red("T017")
def nobody_can_register(app: ASGIApp) -> ASGIApp:
    """A registration that is right is answered with 500."""

    def spoil(scope: Scope, reply: Reply) -> None:
        if scope["path"] == "/api/v1/auth/register" and reply.status == 201:
            reply.says(500, detail="The server failed")

    return spoilt(app, spoil)


@turns_red("T017")
def any_password_will_do(app: ASGIApp) -> ASGIApp:
    """A login takes every password of a user who exists."""
    from app.identity.passwords import Passwords

    async def verify(self: Passwords, password: str, hashed: str | None) -> tuple[bool, None]:
        return hashed is not None, None

    replace(Passwords, "verify", verify)
    return app


@turns_red("T017")
def logout_ends_nothing(app: ASGIApp) -> ASGIApp:
    """A session that was logged out can still be renewed."""
    from app.api import auth
    from app.data import sessions

    replace(auth, "sessions", SimpleNamespace(renew=sessions.renew, end=lambda *_: False))
    return app


@turns_red("T017")
def old_password_stays(app: ASGIApp) -> ASGIApp:
    """A changed password is not the one that counts."""
    from app.data import accounts

    replace(accounts, "change_password", lambda *_args, **_named: None)
    return app


@turns_red("T017")
def any_password_changes_it(app: ASGIApp) -> ASGIApp:
    """A password is changed by whoever has a token and not the old password."""
    from app.api import auth
    from app.data import users

    async def trusting(caller: Any, _attempts: Any, _password: str) -> Any:
        return await caller.read(users.own_credentials)

    replace(auth, "_prove", trusting)
    return app


@turns_red("T017")
def deleted_account_stays(app: ASGIApp) -> ASGIApp:
    """A deleted account can still log in."""
    from app.data import users

    replace(users, "remove", lambda *_: None)
    return app


@turns_red("T017")
def no_challenge(app: ASGIApp) -> ASGIApp:
    """A 401 does not say how to log in: no WWW-Authenticate."""

    def spoil(scope: Scope, reply: Reply) -> None:
        if reply.status == 401:
            del reply.headers["www-authenticate"]

    return spoilt(app, spoil)


@turns_red("T020")
def unsigned_tokens(app: ASGIApp) -> ASGIApp:
    """A token with alg: none is accepted."""

    class Careless(jwt.PyJWT):
        def decode(self, jwt: Any, *args: Any, **options: Any) -> Any:
            if _algorithm(jwt) == "none":
                return super().decode(jwt, options={"verify_signature": False})
            return super().decode(jwt, *args, **options)

    return _reading_tokens_with(Careless(), app)


@turns_red("T020")
def signatures_unchecked(app: ASGIApp) -> ASGIApp:
    """What a token says is believed whoever signed it."""
    return _reading_tokens_with(jwt.PyJWT({"verify_signature": False, "verify_exp": True}), app)


@turns_red("T020")
def tokens_never_expire(app: ASGIApp) -> ASGIApp:
    """A token is accepted after its end."""
    from app.identity import tokens

    replace(tokens, "utc_now", lambda: datetime.min.replace(tzinfo=UTC))
    required = ["exp", "iat", "sub", "sid", "typ"]
    return _reading_tokens_with(jwt.PyJWT({"require": required, "verify_exp": False}), app)


@turns_red("T020")
def refresh_tokens_used_twice(app: ASGIApp) -> ASGIApp:
    """A refresh token renews its session as often as one likes."""
    from sqlalchemy import Connection, select

    from app.api import auth
    from app.data import sessions
    from app.data.tables import sessions as table

    def renew(connection: Connection, session_id: UUID, _generation: int, *, until: datetime) -> str:
        now = connection.scalar(select(table.c.generation).where(table.c.id == session_id))
        return "over" if now is None else sessions.renew(connection, session_id, now, until=until)

    replace(auth, "sessions", SimpleNamespace(renew=renew, end=sessions.end))
    return app


@turns_red("T020")
def kinds_of_tokens_mixed_up(app: ASGIApp) -> ASGIApp:
    """A refresh token opens what an access token does."""
    from app.identity.tokens import Tokens

    claims = Tokens._claims

    def either(self: Tokens, token: str, kind: str) -> dict[str, Any]:
        kinds = jwt.decode(token, options={"verify_signature": False})
        return claims(self, token, str(kinds.get("typ", kind)))

    def lenient(self: Tokens, token: str, kind: str) -> dict[str, Any]:
        try:
            return either(self, token, kind)
        except jwt.InvalidTokenError:
            return claims(self, token, kind)

    replace(Tokens, "_claims", lenient)
    return app


@turns_red("T020")
def tokens_in_the_address(app: ASGIApp) -> ASGIApp:
    """A token is taken from the address, which ends in logs and histories."""

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        name, _, token = scope.get("query_string", b"").partition(b"=")
        if name == b"access_token":
            scope["headers"] = [*scope["headers"], (b"authorization", b"Bearer " + token)]
        await app(scope, receive, send)

    return serve


def _reading_tokens_with(reader: jwt.PyJWT, app: ASGIApp) -> ASGIApp:
    from app.identity import tokens

    honest = tokens._JWT
    replace(tokens, "_JWT", SimpleNamespace(encode=honest.encode, decode=reader.decode))
    return app


def _algorithm(token: str) -> object:
    return jwt.get_unverified_header(token).get("alg")
