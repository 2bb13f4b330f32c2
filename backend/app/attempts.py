"""How often one may try, as routes ask for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, HTTPException, Request

from app.identity.throttle import Throttle, site
from app.services import Services


@dataclass(frozen=True, kw_only=True)
class Attempts:
    """What may be tried, and by whom, is the business of the route; `place` is where the request comes from."""

    throttle: Throttle
    place: str

    async def count(self, what: str, who: object) -> None:
        """Raises HTTPException 429 that says after how many seconds to try again."""
        wait = await self.throttle.hit(what, str(who))
        if wait:
            raise HTTPException(429, "Too many attempts; try again later", {"Retry-After": str(wait)})

    async def forget(self, what: str, who: object) -> None:
        await self.throttle.forget(what, str(who))


async def get_attempts(request: Request) -> Attempts:
    services: Services = request.state.services
    return Attempts(throttle=services.throttle, place=site(request.client.host if request.client else None))


AttemptsDep = Annotated[Attempts, Depends(get_attempts)]
