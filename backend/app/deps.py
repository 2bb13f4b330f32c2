"""What routes ask for in their signatures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Concatenate, ParamSpec, TypeVar
from uuid import UUID

from fastapi import Depends, HTTPException, Request
from fastapi.security import OAuth2PasswordBearer
from sqlalchemy import Connection

from app.data import sessions
from app.data.database import Work
from app.identity.tokens import Access, InvalidToken
from app.services import Services

P = ParamSpec("P")
T = TypeVar("T")
OwnWork = Work[Concatenate[UUID, P], T]  # its second argument is the user


async def get_services(request: Request) -> Services:
    services: Services = request.state.services
    return services


ServicesDep = Annotated[Services, Depends(get_services)]


bearer = OAuth2PasswordBearer(tokenUrl="/api/v1/auth/login", refreshUrl="/api/v1/auth/refresh")


@dataclass(frozen=True, kw_only=True)
class Caller:
    """Whoever a valid access token was issued to.

    That its session was not ended meanwhile is looked up by `read` and `write`, in the hop and the transaction of
    the work itself, which gets the user as its second argument.
    """

    access: Access
    services: Services

    async def read(self, work: OwnWork[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        return await self.services.database.read(self._own, lambda *own: work(*own, *args, **kwargs))

    async def write(self, work: OwnWork[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        result = await self.services.database.write(self._own, lambda *own: work(*own, *args, **kwargs))
        self.services.broker.wake(self.access.user_id)
        return result

    def _own(self, connection: Connection, work: Callable[[Connection, UUID], T]) -> T:
        sessions.require(connection, self.access.session_id, self.access.user_id)
        return work(connection, self.access.user_id)


def unauthorized() -> HTTPException:
    return HTTPException(401, "The access token is not valid", {"WWW-Authenticate": 'Bearer error="invalid_token"'})


async def get_caller(token: Annotated[str, Depends(bearer)], services: ServicesDep) -> Caller:
    try:
        return Caller(access=services.tokens.read_access(token), services=services)
    except InvalidToken:
        raise unauthorized() from None


CallerDep = Annotated[Caller, Depends(get_caller)]
