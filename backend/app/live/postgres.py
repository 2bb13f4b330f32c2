"""News from other replicas, which PostgreSQL passes on (LISTEN, NOTIFY).

It takes one connection beside those of the pool. A pooler in between that lends a connection for a transaction at a
time (PgBouncer) passes nothing on: streams then notice another replica's changes when they look after a silence.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from functools import partial
from uuid import UUID

import psycopg
from psycopg import sql
from sqlalchemy import Engine

from app.data.announcing import CHANNEL
from app.data.database import ALIVE
from app.live.broker import Broker

FIRST_WAIT_S = 0.5
LONGEST_WAIT_S = 15.0

logger = logging.getLogger(__name__)


@asynccontextmanager
async def news_of_replicas(engine: Engine, broker: Broker) -> AsyncIterator[None]:
    """Inside, the streams of users who have news in another replica are woken."""
    listener = asyncio.create_task(listen(partial(_connect, engine), broker))
    try:
        yield
    finally:
        listener.cancel()
        with suppress(asyncio.CancelledError):
            await listener


async def listen(
    connect: Callable[[], Awaitable[psycopg.AsyncConnection]],
    broker: Broker,
    *,
    sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
) -> None:
    """Goes on for ever. After a lost connection every stream is woken: nobody knows what was said meanwhile."""
    wait = FIRST_WAIT_S
    while True:
        try:
            async with await connect() as connection:
                await connection.execute(sql.SQL("LISTEN {}").format(sql.Identifier(CHANNEL)))
                broker.wake_all()
                wait = FIRST_WAIT_S
                async for notice in connection.notifies():
                    with suppress(ValueError):  # whoever may use the database may say anything on the channel
                        broker.wake(UUID(notice.payload))
        except psycopg.Error as error:
            logger.warning("no news of other replicas for %s s: %s", wait, type(error).__name__)
        await sleep(wait)
        wait = min(2 * wait, LONGEST_WAIT_S)


async def _connect(engine: Engine) -> psycopg.AsyncConnection:
    _, how = engine.dialect.create_connect_args(engine.url)
    return await psycopg.AsyncConnection.connect(**{**ALIVE, **how, "autocommit": True})
