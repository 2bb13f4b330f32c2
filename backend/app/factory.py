"""Builds the app. Making it touches nothing outside the process; the database is opened when the server starts."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import TypedDict

from fastapi import APIRouter, FastAPI
from fastapi.middleware.cors import CORSMiddleware
from sqlalchemy import Engine

from app import errors
from app.api import auth, system, tasks
from app.config import Settings
from app.db import database_url, open_engine, storage
from app.deps import Services
from app.models import Base
from app.security import Passwords, Tokens

MAX_BODY_BYTES = 64 * 1024

logger = logging.getLogger(__name__)


class State(TypedDict):
    services: Services


def read_revision(folder: Path) -> str:
    """The revision that was deployed, from the file REVISION in `folder`; "unknown" outside a deploy."""
    try:
        return (folder / "REVISION").read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return "unknown"


def create_app(settings: Settings, *, revision: str = "unknown") -> FastAPI:
    app = FastAPI(
        title="Task service",
        summary="Register, log in, and keep tasks that nobody else can see",
        version="1.0.0",
        lifespan=lambda _app: _serving(settings, revision),
        responses=errors.PROBLEM_RESPONSES,
        max_body_size=MAX_BODY_BYTES,
        generate_unique_id_function=lambda route: route.name,
    )
    errors.install(app)
    _allow_origins(app, settings.cors_origins)
    api = APIRouter(prefix="/api/v1")
    api.include_router(auth.router)
    api.include_router(tasks.router)
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
    try:
        Base.metadata.create_all(engine)
        yield State(services=_services(settings, engine, revision))
    finally:
        engine.dispose()


def _services(settings: Settings, engine: Engine, revision: str) -> Services:
    kept = storage(engine.url)
    if kept == "ephemeral":
        logger.warning(
            "storage: ephemeral, it ends with this container; DATABASE_URL or DATA_DIR can name a lasting one"
        )
    return Services(
        engine=engine,
        storage=kept,
        passwords=Passwords(),
        tokens=Tokens(
            keys=settings.signing_keys,
            active=settings.jwt_active,
            lifetime=timedelta(minutes=settings.access_token_minutes),
        ),
        revision=revision,
    )
