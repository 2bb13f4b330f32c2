"""What the app holds from its start to its end."""

from __future__ import annotations

from dataclasses import dataclass

from app.data.database import Database, Storage
from app.identity.passwords import Passwords
from app.identity.tokens import Tokens
from app.live.broker import Broker


@dataclass(frozen=True, kw_only=True)
class Services:
    database: Database
    storage: Storage
    passwords: Passwords
    tokens: Tokens
    broker: Broker
    revision: str
