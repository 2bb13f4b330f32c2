"""Accounts and sessions."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException
from fastapi.security import OAuth2PasswordRequestForm

from app.data import sessions, users
from app.data.database import Database
from app.deps import CallerDep, ServicesDep
from app.identity.tokens import Access, InvalidToken, Refresh, Tokens
from app.schemas.accounts import AccountRemoval, PasswordChange, RefreshToken, Registration, Token, UserRead
from app.services import Services

router = APIRouter(prefix="/auth", tags=["auth"])


@router.post("/register", status_code=201, response_model=UserRead)
async def register(body: Registration, services: ServicesDep) -> users.User:
    """Makes an account; 409 when the name is taken. Names are kept in lower case."""
    hashed = await services.passwords.hash(body.password)
    return await services.database.write(users.add, body.username, hashed)


@router.post("/login")
async def login(form: Annotated[OAuth2PasswordRequestForm, Depends()], services: ServicesDep) -> Token:
    """Starts a session. An unknown user and a wrong password are told apart by nothing."""
    user = await _find(services.database, form.username)
    valid, replacement = await services.passwords.verify(form.password, user.password_hash if user else None)
    if user is None or not valid:
        raise HTTPException(401, "The username or the password is wrong", {"WWW-Authenticate": "Bearer"})
    if replacement:
        await services.database.write(users.set_password, user.user_id, replacement)
    now = services.tokens.clock()
    until = now + services.tokens.refresh_lifetime
    session_id = await services.database.write(sessions.start, user.user_id, now=now, until=until)
    return _token(services.tokens, Refresh(user_id=user.user_id, session_id=session_id, generation=0))


@router.post("/refresh")
async def refresh(body: RefreshToken, services: ServicesDep) -> Token:
    """Renews a session. Each refresh token is good once: one that comes back ends its session, as it was stolen."""
    try:
        held = services.tokens.read_refresh(body.refresh_token)
    except InvalidToken:
        raise _refresh_refused() from None
    until = services.tokens.clock() + services.tokens.refresh_lifetime
    if not await services.database.write(sessions.renew, held.session_id, held.generation, until=until):
        await _end(services, held)
        raise _refresh_refused()
    following = Refresh(user_id=held.user_id, session_id=held.session_id, generation=held.generation + 1)
    return _token(services.tokens, following)


@router.post("/logout", status_code=204)
async def logout(body: RefreshToken, services: ServicesDep) -> None:
    """Ends the session of a refresh token, and its access tokens with it. A session that is over is no error."""
    try:
        held = services.tokens.read_refresh(body.refresh_token)
    except InvalidToken:
        return
    await _end(services, held)


@router.get("/me", response_model=UserRead)
async def me(caller: CallerDep) -> users.User:
    return await caller.read(users.read)


@router.post("/me/password", status_code=204)
async def change_password(body: PasswordChange, caller: CallerDep) -> None:
    """Changes my password and ends my other sessions; 403 when the current one is wrong."""
    await _require_password(caller.services, await caller.read(users.password_hash_of), body.current_password)
    hashed = await caller.services.passwords.hash(body.new_password)
    await caller.write(users.set_password, hashed)
    await caller.write(sessions.end_others, caller.access.session_id)


@router.post("/me/delete", status_code=204)
async def delete_me(body: AccountRemoval, caller: CallerDep) -> None:
    """Deletes my account and everything of mine; 403 when the password is wrong."""
    await _require_password(caller.services, await caller.read(users.password_hash_of), body.password)
    await caller.write(users.remove)


async def _find(database: Database, username: str) -> users.Credentials | None:
    if "\0" in username:  # PostgreSQL refuses to look for one
        return None
    return await database.read(users.credentials_of, username.lower())


async def _end(services: Services, held: Refresh) -> None:
    await services.database.write(sessions.end, held.session_id)
    services.broker.wake(held.user_id)


async def _require_password(services: Services, stored: str, password: str) -> None:
    valid, _ = await services.passwords.verify(password, stored)
    if not valid:
        raise HTTPException(403, "The password is wrong")


def _token(tokens: Tokens, granted: Refresh) -> Token:
    return Token(
        access_token=tokens.issue_access(Access(user_id=granted.user_id, session_id=granted.session_id)),
        expires_in=int(tokens.access_lifetime.total_seconds()),
        refresh_token=tokens.issue_refresh(granted),
        refresh_expires_in=int(tokens.refresh_lifetime.total_seconds()),
    )


def _refresh_refused() -> HTTPException:
    return HTTPException(401, "The refresh token is not valid", {"WWW-Authenticate": 'Bearer error="invalid_token"'})
