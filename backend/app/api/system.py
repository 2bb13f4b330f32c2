"""What a deploy, a platform and a visitor ask first."""

from __future__ import annotations

from pathlib import Path

from fastapi import APIRouter
from fastapi.responses import FileResponse

from app.deps import ServicesDep
from app.schemas.system import Health, Version

WEB = Path(__file__).resolve().parents[2] / "web"

router = APIRouter(tags=["system"])


@router.api_route("/", methods=["GET", "HEAD"], include_in_schema=False)
async def home() -> FileResponse:
    return FileResponse(WEB / "index.html")


@router.get("/health")
async def health(services: ServicesDep) -> Health:
    """The app serves: which revision, and whether its data outlives the container."""
    return Health(revision=services.revision, storage=services.storage)


@router.get("/version")
async def version(services: ServicesDep) -> Version:
    return Version(revision=services.revision)
