"""What routes ask for in their signatures."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, HTTPException, Request
from fastapi.security import OAuth2PasswordBearer
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from app.db import CONNECTIONS, Storage
from app.models import User
from app.security import InvalidToken, Passwords, Tokens

HASHES_AT_ONCE = 2  # each takes 19 MiB and a core for some 20 ms; more at a time only makes every one slower


@dataclass(frozen=True, kw_only=True)
class Services:
    """What the app holds from its start to its end."""

    engine: Engine
    storage: Storage
    passwords: Passwords
    tokens: Tokens
    revision: str


def get_services(request: Request) -> Services:
    services: Services = request.state.services
    return services


ServicesDep = Annotated[Services, Depends(get_services)]


def get_session(services: ServicesDep) -> Iterator[Session]:
    """A session, which takes a connection at its first query and gives it back before the answer is sent."""
    with Session(services.engine, expire_on_commit=False) as session:
        yield session


# As many sessions as connections: requests wait for one here, where waiting holds no thread. Waiting in the pool
# would hold the threads that the owners of the connections need to get on.
SessionDep = Annotated[Session, Depends(get_session, max_concurrency=CONNECTIONS, scope="function")]


async def hashing_slot() -> AsyncIterator[None]:
    """One of the few places for hashing a password. Waiting for it holds no thread and no connection."""
    yield


HASHING_SLOT = Depends(hashing_slot, max_concurrency=HASHES_AT_ONCE, scope="function")

bearer = OAuth2PasswordBearer(tokenUrl="/api/v1/auth/login")


def get_current_user(token: Annotated[str, Depends(bearer)], services: ServicesDep, session: SessionDep) -> User:
    try:
        user = session.get(User, services.tokens.subject(token))
    except InvalidToken:
        user = None
    if user is None:
        raise HTTPException(401, "The access token is not valid", {"WWW-Authenticate": 'Bearer error="invalid_token"'})
    return user


CurrentUser = Annotated[User, Depends(get_current_user)]
