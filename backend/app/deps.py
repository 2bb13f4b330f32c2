"""What routes ask for in their signatures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Concatenate, ParamSpec, TypeVar
from uuid import UUID

from fastapi import Depends, HTTPException, Request
from fastapi.openapi.models import OAuth2, OAuthFlowPassword, OAuthFlows
from fastapi.security.base import SecurityBase
from fastapi.security.utils import get_authorization_scheme_param
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


@dataclass(frozen=True, kw_only=True)
class Caller:
    """Whoever a valid access token was issued to.

    That its session was not ended meanwhile is asked by `read`, `look_up` and `write` in the transaction of the work
    itself, which gets the user as its second argument. A list asks it itself, within its own statement.
    """

    access: Access
    services: Services

    async def read(self, work: OwnWork[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        return await self.services.database.read(self._own, lambda *own: work(*own, *args, **kwargs))

    async def look_up(self, work: OwnWork[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        return await self.services.database.look_up(self._own, lambda *own: work(*own, *args, **kwargs))

    async def write(self, work: OwnWork[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        result = await self.services.database.write(self._own, lambda *own: work(*own, *args, **kwargs))
        self.services.broker.wake(self.access.user_id)
        return result

    def _own(self, connection: Connection, work: Callable[[Connection, UUID], T]) -> T:
        sessions.require(connection, self.access.session_id, self.access.user_id)
        return work(connection, self.access.user_id)


class Identified(SecurityBase):
    """The caller, and in the OpenAPI document how to become one.

    Scheme, token and services are looked up in one call: FastAPI takes longer over three dependencies than over one.
    """

    scheme_name = "OAuth2PasswordBearer"
    model = OAuth2(
        flows=OAuthFlows(password=OAuthFlowPassword(tokenUrl="/api/v1/auth/login", refreshUrl="/api/v1/auth/refresh"))
    )

    async def __call__(self, request: Request) -> Caller:
        """Raises HTTPException 401."""
        scheme, token = get_authorization_scheme_param(request.headers.get("Authorization"))
        if scheme.lower() != "bearer":
            raise HTTPException(401, "Log in first", {"WWW-Authenticate": "Bearer"})
        services: Services = request.state.services
        try:
            access = services.tokens.read_access(token)
        except InvalidToken:
            raise unauthorized() from None
        request.state.user_id = access.user_id  # for the log
        return Caller(access=access, services=services)


def unauthorized() -> HTTPException:
    return HTTPException(401, "The access token is not valid", {"WWW-Authenticate": 'Bearer error="invalid_token"'})


CallerDep = Annotated[Caller, Depends(Identified())]
