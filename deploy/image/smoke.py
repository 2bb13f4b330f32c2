"""The smoke test: an image has to serve on a random $PORT, and on the card's app_port when $PORT is unset."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256

from deploy.image.boot import Boot, Serving, SmokeRequest, booted
from deploy.image.diagnosis import ListensElsewhere
from deploy.image.engine import Engine
from deploy.image.leftovers import run_labels
from deploy.secret import Secret, generate

_FIRST_PORT, _LAST_PORT = 20000, 60000
_THROW_AWAY = "urlsafe:32"
_STANDS_FOR = "spacewright-stands-for"


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
    while_serving: Callable[[Serving], None] = lambda _: None,
) -> SmokeReport:
    """Boots twice and leaves nothing behind; `while_serving` is called with the last boot.

    Raises SmokeFailed for the first boot that does not serve, EngineUnavailable when the engine goes.
    """
    boots: list[Boot] = []
    warnings: list[str] = []
    with run_labels(engine) as labels:
        try:
            with booted(engine, request, labels, random_port_but(request.expect.app_port)) as serving:
                boots.append(serving.boot)
        except ListensElsewhere as error:
            warnings.append(_port_ignored(request, error))
        with booted(engine, request, labels) as serving:
            boots.append(serving.boot)
            while_serving(serving)
    return SmokeReport(boots=tuple(boots), warnings=tuple(warnings))


@contextmanager
def served(engine: Engine, request: SmokeRequest) -> Iterator[Serving]:
    """The image once more, on its app_port, for as long as the block; leaves nothing behind.

    Raises SmokeFailed, EngineUnavailable.
    """
    with run_labels(engine) as labels, booted(engine, request, labels) as serving:
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


def _port_ignored(request: SmokeRequest, error: ListensElsewhere) -> str:
    """The warning for an image that serves on app_port whatever $PORT says; re-raises where that is no excuse."""
    port = request.expect.app_port
    excused = request.fixed_port or not request.strict
    if port not in error.ports or not excused:
        raise error
    if request.fixed_port:
        return f"The image ignores $PORT; its port is declared fixed and it listens on app_port {port}."
    return (
        f"The image ignores $PORT and always listens on {port}. A Space serves it, since that is its "
        f"app_port. Start it with --port ${{PORT:-{port}}}, or set source.fixed_port = true in deploy.toml."
    )
