"""Accounts and sessions."""

from __future__ import annotations

import logging
import re
from typing import Annotated

from fastapi import APIRouter, Form, HTTPException
from fastapi.exceptions import RequestValidationError

from app.attempts import Attempts, AttemptsDep
from app.data import accounts, sessions, users
from app.data.database import Database
from app.data.errors import Stale
from app.deps import Caller, CallerDep, ServicesDep
from app.edge import problems
from app.identity.tokens import Access, InvalidToken, Refresh, Tokens
from app.schemas.accounts import (
    LONGEST_USERNAME,
    NOT_THE_NAME,
    USERNAME,
    AccountRemoval,
    PasswordChange,
    PasswordGrant,
    RefreshToken,
    Registration,
    Token,
    UserRead,
)

_NAME = re.compile(USERNAME)

router = APIRouter(prefix="/auth", tags=["auth"], responses=problems.of(503))

logger = logging.getLogger(__name__)


@router.post("/register", status_code=201, response_model=UserRead, responses=problems.of(409, 413, 422, 429))
async def register(body: Registration, services: ServicesDep, attempts: AttemptsDep) -> users.User:
    """Makes an account; 409 when the name is taken. Names are kept in lower case."""
    await attempts.count("register", attempts.place)
    hashed = await services.passwords.hash(body.password)
    return await services.database.write(users.add, body.username, hashed)


@router.post("/login", responses=problems.of(401, 413, 422, 429))
async def login(form: Annotated[PasswordGrant, Form()], services: ServicesDep, attempts: AttemptsDep) -> Token:
    """Starts a session. An unknown user and a wrong password are told apart by nothing.

    From one place not many names can be tried, nor one name from many places: there, only what fails counts.
    """
    name = form.username.lower()
    await attempts.count("login", attempts.place)
    await attempts.count("login as", name)
    user = await _find(services.database, name)
    valid, replacement = await services.passwords.verify(form.password, user.password_hash if user else None)
    if user is None or not valid:
        raise _login_refused()
    now = services.tokens.clock()
    until = now + services.tokens.refresh_lifetime
    kept = replacement or user.password_hash
    try:
        session_id = await services.database.write(accounts.log_in, user, kept, now=now, until=until)
    except Stale:
        raise _login_refused() from None
    await attempts.forget("login as", name)
    return _token(services.tokens, Refresh(user_id=user.user_id, session_id=session_id, generation=0))


@router.post("/refresh", responses=problems.of(401, 413, 422, 429))
async def refresh(body: RefreshToken, services: ServicesDep, attempts: AttemptsDep) -> Token:
    """Renews a session. Each refresh token is good once: one that comes back ends its session, as it was stolen."""
    try:
        held = services.tokens.read_refresh(body.refresh_token)
    except InvalidToken:
        raise _refresh_refused() from None
    await attempts.count("refresh", held.user_id)
    until = services.tokens.clock() + services.tokens.refresh_lifetime
    outcome = await services.database.write(sessions.renew, held.session_id, held.generation, until=until)
    if outcome == "reused":
        logger.warning("session %s of user %s ended: a used refresh token came back", held.session_id, held.user_id)
        services.broker.wake(held.user_id)
    if outcome != "renewed":
        raise _refresh_refused()
    following = Refresh(user_id=held.user_id, session_id=held.session_id, generation=held.generation + 1)
    return _token(services.tokens, following)


@router.post("/logout", status_code=204, responses=problems.of(413, 422))
async def logout(body: RefreshToken, services: ServicesDep) -> None:
    """Ends the session of a refresh token, and its access tokens with it. A session that is over is no error."""
    try:
        held = services.tokens.read_refresh(body.refresh_token)
    except InvalidToken:
        return
    await services.database.write(sessions.end, held.session_id)
    services.broker.wake(held.user_id)


@router.get("/me", response_model=UserRead, responses=problems.of(401))
async def me(caller: CallerDep) -> users.User:
    return await caller.look_up(users.read)


@router.post("/me/password", status_code=204, responses=problems.of(401, 403, 413, 422, 429))
async def change_password(body: PasswordChange, caller: CallerDep, attempts: AttemptsDep) -> None:
    """Changes my password and ends my other sessions; 403 when the current one is wrong."""
    proved = await _prove(caller, attempts, body.current_password)
    if body.new_password.lower() == proved.username:
        raise RequestValidationError([{"loc": ("body", "new_password"), "msg": NOT_THE_NAME}])
    hashed = await caller.services.passwords.hash(body.new_password)
    try:
        await caller.write(accounts.change_password, proved, hashed, session_id=caller.access.session_id)
    except Stale:
        raise _wrong_password() from None


@router.post("/me/delete", status_code=204, responses=problems.of(401, 403, 413, 422, 429))
async def delete_me(body: AccountRemoval, caller: CallerDep, attempts: AttemptsDep) -> None:
    """Deletes my account and everything of mine; 403 when the password is wrong."""
    await _prove(caller, attempts, body.password)
    await caller.write(users.remove)


async def _find(database: Database, name: str) -> users.Credentials | None:
    """What cannot be a name is not looked up: there are texts that a database refuses to look for."""
    if len(name) > LONGEST_USERNAME or not _NAME.fullmatch(name):
        return None
    return await database.read(users.credentials_of, name)


async def _prove(caller: Caller, attempts: Attempts, password: str) -> users.Credentials:
    own = await caller.read(users.own_credentials)
    await attempts.count("password", own.user_id)
    valid, _ = await caller.services.passwords.verify(password, own.password_hash)
    if not valid:
        raise _wrong_password()
    await attempts.forget("password", own.user_id)
    return own


def _token(tokens: Tokens, granted: Refresh) -> Token:
    return Token(
        access_token=tokens.issue_access(Access(user_id=granted.user_id, session_id=granted.session_id)),
        expires_in=int(tokens.access_lifetime.total_seconds()),
        refresh_token=tokens.issue_refresh(granted),
        refresh_expires_in=int(tokens.refresh_lifetime.total_seconds()),
    )


def _login_refused() -> HTTPException:
    return HTTPException(401, "The username or the password is wrong", {"WWW-Authenticate": "Bearer"})


def _refresh_refused() -> HTTPException:
    return HTTPException(401, "The refresh token is not valid", {"WWW-Authenticate": 'Bearer error="invalid_token"'})


def _wrong_password() -> HTTPException:
    return HTTPException(403, "The password is wrong")
