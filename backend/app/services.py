"""What the app holds from its start to its end."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from pydantic import SecretStr

from app.data.database import Database, Storage
from app.edge.metrics import Metrics
from app.identity.passwords import Passwords
from app.identity.throttle import Throttle
from app.identity.tokens import Tokens
from app.live.broker import Broker


@dataclass(frozen=True, kw_only=True)
class Services:
    database: Database
    storage: Storage
    passwords: Passwords
    tokens: Tokens
    throttle: Throttle
    broker: Broker
    metrics: Metrics
    metrics_token: SecretStr | None
    revision: str
    stopping: asyncio.Event = field(default_factory=asyncio.Event)

    def stop(self) -> None:
        """The process was told to end: it is ready for no more, and its streams come to their end."""
        self.stopping.set()
        self.broker.stop()
