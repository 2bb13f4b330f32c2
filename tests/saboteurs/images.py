"""Saboteurs of the image: what the rehearsal makes of one that does not build, boot or listen (T009 to T014), or that
holds a secret (T025).
"""

from __future__ import annotations

from dataclasses import dataclass

from tests.saboteurs.model import Saboteur


@dataclass(frozen=True, kw_only=True)
class ImageSaboteur(Saboteur):
    """`misbehave` is what the server of tests/integration/image/sample is told to do; "" for one that never builds."""

    misbehave: str


@dataclass(frozen=True, kw_only=True)
class LeakSaboteur(Saboteur):
    """`steps` are lines of the Dockerfile; `{value}` in them, and in the file settings.env, is the secret's."""

    steps: str


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

SECRET = "API_KEY"
"""The name of the secret that each of these images holds; a step may mount it."""


def _leak(name: str, breaks: str, steps: str) -> LeakSaboteur:
    return LeakSaboteur(name=name, breaks=breaks, tasks=("T025",), kind="image", steps=steps)


LEAKS: tuple[LeakSaboteur, ...] = (
    _leak(
        "mounted secret kept",
        "A build step leaves a secret that it mounted in its layer",
        f"RUN --mount=type=secret,id={SECRET} cp /run/secrets/{SECRET} /srv/key",
    ),
    _leak(
        "mounted secret encoded",
        "A build step leaves a secret that it mounted in base64",
        f"RUN --mount=type=secret,id={SECRET} base64 --wrap=0 /run/secrets/{SECRET} > /srv/key",
    ),
    _leak(
        "secret copied",
        "A file with a secret's value is copied into the image, and the next step deletes it",
        "COPY settings.env .\nRUN rm settings.env",
    ),
    _leak("secret in the environment", "The image's configuration holds a secret's value", f"ENV {SECRET}={{value}}"),
    _leak("secret in a step", "The image's history holds a secret's value", "RUN test -n {value}"),
)
