"""The smoke test: an image has to serve on a random $PORT, and on the card's app_port when $PORT is unset."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256

from deploy.config import AppConfig
from deploy.image.boot import BootRequest, Serving, booted
from deploy.image.diagnosis import ListensElsewhere
from deploy.image.engine import Engine
from deploy.image.leftovers import run_labels
from deploy.image.waiting import Expectation
from deploy.secret import Secret, generate

_FIRST_PORT, _LAST_PORT = 20000, 60000
_THROW_AWAY = "urlsafe:32"
_STANDS_FOR = "spacewright-stands-for"


@dataclass(frozen=True, kw_only=True)
class SmokeRequest:
    """An image and what it must come to. `environment` is the target's variables and secrets.

    `revision` is compared where the app tells its own. An image that ignores $PORT is worth a
    warning, or with `strict` a failure, unless the project declares its port fixed.
    """

    image: str
    app_port: int
    app: AppConfig
    revision: str
    environment: Mapping[str, str | Secret] = field(default_factory=dict)
    fixed_port: bool = False
    strict: bool = False


@dataclass(frozen=True, kw_only=True)
class Boot:
    """One boot that came to serve: the port inside, whether $PORT gave it, seconds to the first answer."""

    port: int
    port_given: bool
    seconds: float


@dataclass(frozen=True, kw_only=True)
class SmokeReport:
    """What was proved, in order, and what a maintainer should know besides."""

    boots: tuple[Boot, ...]
    warnings: tuple[str, ...]

    @property
    def summary(self) -> str:
        """In the words of one line: each boot, and how long it took."""
        return ", ".join(f"port {boot.port} after {boot.seconds:.1f} s" for boot in self.boots)

    def as_document(self) -> dict[str, object]:
        """The same facts for `--json`."""
        return {
            "boots": [
                {"port": boot.port, "port_given": boot.port_given, "seconds": round(boot.seconds, 2)}
                for boot in self.boots
            ],
            "warnings": list(self.warnings),
        }


def smoke_image(
    engine: Engine,
    request: SmokeRequest,
    *,
    while_serving: Callable[[Serving], None] | None = None,
) -> SmokeReport:
    """Boots twice and leaves nothing behind; `while_serving` is called with the last boot.

    Raises SmokeFailed for the first boot that does not serve, EngineUnavailable when the engine goes.
    """
    boots: list[Boot] = []
    warnings: list[str] = []
    random_port = random_port_but(request.app_port)
    with run_labels(engine) as labels:
        try:
            with booted(engine, _boot(request, random_port, labels)) as serving:
                boots.append(Boot(port=random_port, port_given=True, seconds=serving.seconds))
        except ListensElsewhere as error:
            warnings.append(_port_ignored(request, error))
        with booted(engine, _boot(request, None, labels)) as serving:
            boots.append(Boot(port=request.app_port, port_given=False, seconds=serving.seconds))
            if while_serving:
                while_serving(serving)
    return SmokeReport(boots=tuple(boots), warnings=tuple(warnings))


@contextmanager
def served(engine: Engine, request: SmokeRequest) -> Iterator[Serving]:
    """The image once more, on its app_port, for as long as the block; leaves nothing behind.

    Raises SmokeFailed, EngineUnavailable.
    """
    with run_labels(engine) as labels, booted(engine, _boot(request, None, labels)) as serving:
        yield serving


def throw_away(names: Iterable[str]) -> dict[str, Secret]:
    """A random value for each secret whose real one a container does not need, a new one each time."""
    return {name: generate(_THROW_AWAY) for name in names}


def stand_ins(names: Iterable[str]) -> dict[str, Secret]:
    """A value for each secret that a build may mount: always the same one, and found nowhere by chance.

    BuildKit keeps what a step made, and does not look at the values of secrets. Whoever takes a layer from there, in
    any project and after any time, must know which value to look for.
    """
    return {name: Secret(f"{_STANDS_FOR}-{name}-{sha256(name.encode()).hexdigest()[:32]}") for name in names}


def random_port_but(taken: int, *, below: Callable[[int], int] = secrets.randbelow) -> int:
    """A port that no image could have guessed, and not `taken`."""
    port = _FIRST_PORT + below(_LAST_PORT - _FIRST_PORT)
    return port if port != taken else port + 1


def _boot(request: SmokeRequest, port: int | None, labels: Mapping[str, str]) -> BootRequest:
    expect = Expectation(
        port=port or request.app_port,
        app_port=request.app_port,
        port_given=port is not None,
        app=request.app,
        revision=request.revision,
    )
    return BootRequest(image=request.image, expect=expect, environment=request.environment, labels=labels)


def _port_ignored(request: SmokeRequest, error: ListensElsewhere) -> str:
    """The warning for an image that serves on app_port whatever $PORT says; re-raises where that is no excuse."""
    excused = request.fixed_port or not request.strict
    if request.app_port not in error.ports or not excused:
        raise error
    if request.fixed_port:
        return f"The image ignores $PORT; its port is declared fixed and it listens on app_port {request.app_port}."
    return (
        f"The image ignores $PORT and always listens on {request.app_port}. A Space serves it, since that is its "
        f"app_port. Start it with --port ${{PORT:-{request.app_port}}}, or set source.fixed_port = true in deploy.toml."
    )
