"""What a deploy, a platform and a visitor ask first."""

from __future__ import annotations

from typing import Literal

from app.schemas.base import Output


class Live(Output):
    status: Literal["ok"] = "ok"


class Health(Live):
    revision: str
    storage: Literal["ephemeral", "durable"]


class Version(Output):
    revision: str
