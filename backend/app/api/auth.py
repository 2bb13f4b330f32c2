"""Accounts: register, log in, who am I."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException
from fastapi.security import OAuth2PasswordRequestForm
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.deps import HASHING_SLOT, CurrentUser, ServicesDep, SessionDep
from app.models import User
from app.schemas import Registration, Token, UserRead

router = APIRouter(prefix="/auth", tags=["auth"])


@router.post("/register", status_code=201, response_model=UserRead, dependencies=[HASHING_SLOT])
def register(body: Registration, services: ServicesDep, session: SessionDep) -> User:
    """Makes an account; 409 when the name is taken. Names are kept in lower case."""
    user = User(username=body.username, password_hash=services.passwords.hash(body.password))
    session.add(user)
    try:
        session.commit()
    except IntegrityError:
        raise HTTPException(409, "This username is taken") from None
    return user


@router.post("/login", dependencies=[HASHING_SLOT])
def login(form: Annotated[OAuth2PasswordRequestForm, Depends()], services: ServicesDep, session: SessionDep) -> Token:
    """Answers with an access token. An unknown user and a wrong password are told apart by nothing."""
    user = _find(session, form.username)
    valid, replacement = services.passwords.verify(form.password, user.password_hash if user else None)
    if user is None or not valid:
        raise HTTPException(401, "The username or the password is wrong", {"WWW-Authenticate": "Bearer"})
    if replacement:
        user.password_hash = replacement
        session.commit()
    tokens = services.tokens
    return Token(access_token=tokens.issue(user.id), expires_in=int(tokens.lifetime.total_seconds()))


@router.get("/me", response_model=UserRead)
def me(user: CurrentUser) -> User:
    return user


def _find(session: Session, username: str) -> User | None:
    if "\0" in username:  # PostgreSQL refuses to look for one
        return None
    return session.scalar(select(User).where(User.username == username.lower()))
