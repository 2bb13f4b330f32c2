"""Saboteurs of the image: what the rehearsal makes of one that does not build, boot or listen (T009 to T014)."""

from __future__ import annotations

from dataclasses import dataclass

from tests.saboteurs.model import Saboteur


@dataclass(frozen=True, kw_only=True)
class ImageSaboteur(Saboteur):
    """`misbehave` is what the server of tests/integration/image/sample is told to do; "" for one that never builds."""

    misbehave: str


def _saboteur(task: str, name: str, breaks: str, misbehave: str) -> ImageSaboteur:
    return ImageSaboteur(name=name, breaks=breaks, tasks=(task,), kind="image", misbehave=misbehave)


IMAGES: tuple[ImageSaboteur, ...] = (
    _saboteur("T009", "writes to its root", "The server writes to its own file system", "write"),
    _saboteur("T009", "ends at once", "The server ends while it starts", "exit"),
    _saboteur("T009", "crash loop", "A wrapper starts the server again each time it crashes", "restart"),
    _saboteur("T012", "silent server", "The server takes requests and never answers them", "hang"),
    _saboteur("T012", "unhealthy server", "The health path answers 500", "unhealthy"),
    _saboteur("T012", "another source", "The image tells the revision of another source", "stale"),
    _saboteur("T013", "port ignored", "The server listens on 7860 whatever $PORT says", "fixed"),
    _saboteur("T013", "port of its own", "The server listens on 9999, which nobody asked for", "elsewhere"),
    _saboteur("T014", "build fails", "A step of the Dockerfile fails", ""),
)
