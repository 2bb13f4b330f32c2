"""All saboteurs of the running backend."""

from __future__ import annotations

from tests.saboteurs.live import accounts, endurance, monitoring, pages, security, things
from tests.saboteurs.live.registry import REGISTERED, LiveSaboteur

ROOMS = (things, accounts, pages, endurance, security, monitoring)
LIVE: tuple[LiveSaboteur, ...] = tuple(REGISTERED)
