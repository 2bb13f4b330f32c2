"""A Hub and a runtime of Spaces on loopback, for whoever has no account or wants to rehearse."""

from __future__ import annotations

from deploy.localhub.process.daemon import HubInfo, down, status, up

__all__ = ["HubInfo", "down", "status", "up"]
