"""Builds the app. Making it touches nothing outside the process; the database is opened when the server starts."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from datetime import timedelta
from pathlib import Path
from typing import Any, TypedDict

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from limits import RateLimitItemPerMinute
from sqlalchemy import Engine, QueuePool
from starlette.types import ASGIApp

from app.api import auth, docs, events, system, tasks
from app.config import Settings
from app.data.database import Database, database_url, open_engine, storage
from app.data.migrating import migrate_when_up
from app.edge import problems, telemetry
from app.edge.cors import ListedOrigins
from app.edge.limits import Guard, Limits
from app.edge.metrics import Metrics
from app.edge.outermost import Outermost, Write
from app.identity.passwords import Passwords
from app.identity.throttle import Throttle
from app.identity.tokens import Tokens
from app.live.broker import Broker
from app.live.stopping import when_told_to_stop
from app.schemas.events import schemas as event_schemas
from app.services import Services

REFRESH_RATE = RateLimitItemPerMinute(60)
WEB = Path(__file__).resolve().parents[1] / "web"

logger = logging.getLogger(__name__)


class State(TypedDict):
    services: Services


class TaskService(FastAPI):
    """FastAPI within an edge of its own.

    The edge is around everything, the answers to errors too, where `add_middleware` would leave those out.
    """

    def __init__(self, settings: Settings, *, revision: str, write: Write | None, **options: Any) -> None:
        super().__init__(**options)
        self.settings = settings
        self.revision = revision
        self.metrics = Metrics()
        self._write = write

    def openapi(self) -> dict[str, Any]:
        """Knows, beside what the routes say, what problems and events look like."""
        document = super().openapi()
        document["components"]["schemas"] |= problems.schemas() | event_schemas()
        return document

    def build_middleware_stack(self) -> ASGIApp:
        routes = list(iter_route_contexts(self.routes))
        larger = {str(route.path): route.max_body_size for route in routes if getattr(route, "max_body_size", None)}
        app: ASGIApp = Guard(super().build_middleware_stack(), Limits(bodies=larger), self.metrics)
        if self.settings.cors_origins:
            app = ListedOrigins(app, self.settings.cors_origins)
        return Outermost(
            app,
            routes={route.endpoint or getattr(route, "app", None): _template(route) for route in routes},
            metrics=self.metrics,
            revision=self.revision,
            hops=self.settings.forwarded_hops,
            write=self._write,
        )


def read_revision(folder: Path) -> str:
    """The revision that was deployed, from the file REVISION in `folder`; "unknown" outside a deploy."""
    try:
        return (folder / "REVISION").read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return "unknown"


def create_app(settings: Settings, *, revision: str = "unknown", write: Write | None = None) -> TaskService:
    """The app; `write` takes a line of its log for each request."""
    app = TaskService(
        settings,
        revision=revision,
        write=write,
        title="Task service",
        summary="Register, log in, and keep tasks that nobody else can see",
        version="1.0.0",
        docs_url=None,
        redoc_url=None,
        lifespan=_serving,
        responses=problems.ANY,
        generate_unique_id_function=lambda route: route.name,
        telemetry=telemetry.config(),
    )
    problems.install(app)
    # What is asked for most stands first, and no router around them: FastAPI matches the routes within one twice.
    for router in (tasks.router, auth.router, events.router):
        app.include_router(router, prefix="/api/v1")
    for router in (system.router, docs.router):
        app.include_router(router)
    app.mount("/docs/files", docs.files)
    app.frontend("/", directory=WEB, fallback=None)
    return app


def _template(route: Any) -> str:
    """The path as the OpenAPI document has it: `/tasks/{task_id}`, without what the id has to look like."""
    return str(getattr(route, "path_format", route.path))


@asynccontextmanager
async def _serving(app: TaskService) -> AsyncIterator[State]:
    engine = open_engine(database_url(app.settings))
    database = Database(engine)
    throttle = _throttle(app.settings)
    try:
        await migrate_when_up(engine, patience=app.settings.database_wait)
        services = _services(app, database, throttle)
        broker = services.broker
        async with _news_of_replicas(engine, broker):
            with when_told_to_stop(services.stop):
                yield State(services=services)
    finally:
        database.close()
        await throttle.close()


def _news_of_replicas(engine: Engine, broker: Broker) -> AbstractAsyncContextManager[None]:
    """On SQLite there are no replicas, so psycopg is not imported, which takes a tenth of a second."""
    if engine.dialect.name == "sqlite":
        return nullcontext()
    from app.live.postgres import news_of_replicas

    return news_of_replicas(engine, broker)


def _throttle(settings: Settings) -> Throttle:
    storage = settings.rate_limit_storage
    rates = {"login": settings.login_rate, "login as": settings.login_rate, "password": settings.login_rate}
    return Throttle(
        rates | {"register": settings.register_rate, "refresh": (REFRESH_RATE,)},
        redis=storage.get_secret_value() if storage else None,
    )


def _services(app: TaskService, database: Database, throttle: Throttle) -> Services:
    settings, broker, kept = app.settings, Broker(), storage(database.engine.url)
    if kept == "ephemeral":
        logger.warning(
            "storage: ephemeral, it ends with this container; DATABASE_URL or DATA_DIR can name a lasting one"
        )
    pool = database.engine.pool
    assert isinstance(pool, QueuePool)
    app.metrics.watch(streams=lambda: len(broker), connections=pool.checkedout)
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
        throttle=throttle,
        broker=broker,
        metrics=app.metrics,
        metrics_token=settings.metrics_token,
        revision=app.revision,
    )
