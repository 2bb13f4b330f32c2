"""Builds the app. Making it touches nothing outside the process; the database is opened when the server starts."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, TypedDict

from fastapi import APIRouter, FastAPI
from fastapi.middleware.cors import CORSMiddleware

from app.api import auth, events, system, tasks
from app.config import Settings
from app.data.database import Database, database_url, open_engine, storage
from app.data.migrating import migrate
from app.edge import problems
from app.identity.passwords import Passwords
from app.identity.tokens import Tokens
from app.live.broker import Broker
from app.live.postgres import news_of_replicas
from app.live.stopping import when_told_to_stop
from app.schemas.events import schemas as event_schemas
from app.services import Services

MAX_BODY_BYTES = 64 * 1024

logger = logging.getLogger(__name__)


class State(TypedDict):
    services: Services


class TaskService(FastAPI):
    """FastAPI, whose OpenAPI document knows what problems and events look like."""

    def openapi(self) -> dict[str, Any]:
        document = super().openapi()
        document["components"]["schemas"] |= problems.schemas() | event_schemas()
        return document


def read_revision(folder: Path) -> str:
    """The revision that was deployed, from the file REVISION in `folder`; "unknown" outside a deploy."""
    try:
        return (folder / "REVISION").read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return "unknown"


def create_app(settings: Settings, *, revision: str = "unknown") -> FastAPI:
    app = TaskService(
        title="Task service",
        summary="Register, log in, and keep tasks that nobody else can see",
        version="1.0.0",
        lifespan=lambda _app: _serving(settings, revision),
        responses=problems.ANY,
        max_body_size=MAX_BODY_BYTES,
        generate_unique_id_function=lambda route: route.name,
    )
    problems.install(app)
    _allow_origins(app, settings.cors_origins)
    api = APIRouter(prefix="/api/v1")
    api.include_router(auth.router)
    api.include_router(tasks.router)
    api.include_router(events.router)
    app.include_router(api)
    app.include_router(system.router)
    return app


def _allow_origins(app: FastAPI, origins: tuple[str, ...]) -> None:
    if origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=origins,
            allow_methods=["GET", "POST", "PATCH", "DELETE"],
            allow_headers=["Authorization", "Content-Type"],
            expose_headers=["Location"],
        )


@asynccontextmanager
async def _serving(settings: Settings, revision: str) -> AsyncIterator[State]:
    engine = open_engine(database_url(settings))
    database = Database(engine)
    try:
        migrate(engine)
        services = _services(settings, database, revision)
        broker = services.broker
        async with news_of_replicas(engine, broker):
            with when_told_to_stop(broker.stop):
                yield State(services=services)
    finally:
        database.close()


def _services(settings: Settings, database: Database, revision: str) -> Services:
    kept = storage(database.engine.url)
    if kept == "ephemeral":
        logger.warning(
            "storage: ephemeral, it ends with this container; DATABASE_URL or DATA_DIR can name a lasting one"
        )
    return Services(
        database=database,
        storage=kept,
        passwords=Passwords(),
        tokens=Tokens(
            keys=settings.signing_keys,
            active=settings.jwt_active,
            access_lifetime=timedelta(minutes=settings.access_token_minutes),
            refresh_lifetime=timedelta(days=settings.refresh_token_days),
        ),
        broker=Broker(),
        revision=revision,
    )
