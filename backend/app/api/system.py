"""What a deploy, a platform, a load balancer and a Prometheus ask."""

from __future__ import annotations

import asyncio
import hmac

from fastapi import APIRouter, HTTPException, Request, Response
from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4
from sqlalchemy import Connection, literal, select

from app.deps import ServicesDep
from app.edge import problems
from app.schemas.system import Health, Live, Version

DATABASE_PATIENCE_S = 2.0

router = APIRouter(tags=["system"])


@router.get("/health")
async def health(services: ServicesDep) -> Health:
    """The app serves: which revision, and whether its data outlives the container."""
    return Health(revision=services.revision, storage=services.storage)


@router.get("/health/live")
async def live() -> Live:
    """The process answers. Whoever restarts it asks this: a database that is gone is no reason."""
    return Live()


@router.get("/health/ready", responses=problems.of(503))
async def ready(services: ServicesDep) -> Live:
    """It can do its work now; 503 while the database does not answer and while it stops."""
    if services.stopping.is_set():
        raise HTTPException(503, "It is stopping; another replica may serve", {"Retry-After": "5"})
    try:
        async with asyncio.timeout(DATABASE_PATIENCE_S):
            await services.database.read(_ask)
    except TimeoutError:
        raise HTTPException(503, "The database does not answer in time", {"Retry-After": "5"}) from None
    return Live()


@router.get("/version")
async def version(services: ServicesDep) -> Version:
    return Version(revision=services.revision)


@router.get("/metrics", include_in_schema=False)
async def metrics(services: ServicesDep, request: Request) -> Response:
    """For Prometheus. Without METRICS_TOKEN there is no such page; with it, the token is asked for."""
    if services.metrics_token is None:
        raise HTTPException(404, "Not Found")
    given = request.headers.get("Authorization", "").encode()
    if not hmac.compare_digest(given, b"Bearer " + services.metrics_token.get_secret_value().encode()):
        raise HTTPException(401, "The token is not the one of the metrics", {"WWW-Authenticate": "Bearer"})
    return Response(services.metrics.text(), media_type=CONTENT_TYPE_PLAIN_0_0_4)


def _ask(connection: Connection) -> None:
    connection.execute(select(literal(1)))
