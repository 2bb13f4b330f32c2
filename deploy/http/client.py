"""Clients that know the environment: its proxies lead everywhere but to loopback, and its certificates are trusted."""

from __future__ import annotations

import os
import ssl
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import httpx2
from httpx2._utils import get_environment_proxies

from deploy.errors import ConfigError
from deploy.http.transports import Direct, Proxied
from deploy.network import CERTIFICATES


def make_client(
    *,
    kind: Callable[..., httpx2.Client] = httpx2.Client,
    transport: httpx2.BaseTransport | None = None,
    **options: Any,
) -> httpx2.Client:
    """A client with the proxies and the certificates of the environment; `options` are those of httpx2.

    `transport` stands for the whole network. Raises ConfigError for certificates that cannot be read.
    """
    if transport:
        return kind(transport=transport, **options)
    trusted = _trusted(tuple(os.environ.get(name, "") for name in CERTIFICATES))
    direct = Direct(verify=trusted)
    mounts = {
        pattern: Proxied(url, _variable(pattern), direct, trusted) if url else None
        for pattern, url in get_environment_proxies().items()
    }
    # Else httpx2 would look at the environment once more, by itself.
    return kind(transport=direct, mounts=mounts, trust_env=False, **options)


def _variable(pattern: str) -> str:
    """Where a proxy for `https://`, `http://` or `all://` comes from; of two, Python takes the one in small letters."""
    name = f"{pattern.partition(':')[0]}_proxy"
    return next((one for one in (name, name.upper()) if os.environ.get(one)), "the settings of this system")


@cache
def _trusted(places: tuple[str, ...]) -> ssl.SSLContext:
    """Whoever the `places` vouch for, in the order of CERTIFICATES; whom the system trusts as well, unless SSL_CERT_*
    says more than requests is told.

    Made once, as that takes longer than a request. Raises ConfigError.
    """
    given = {name: place for name, place in zip(CERTIFICATES, places, strict=True) if place}
    replaced = not {*places[:2]} <= {"", *places[2:]}
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT) if replaced else httpx2.create_ssl_context(trust_env=False)
    for name, place in given.items():
        is_folder = name == "SSL_CERT_DIR" or Path(place).is_dir()
        try:
            context.load_verify_locations(None if is_folder else place, place if is_folder else None)
        except OSError as error:
            raise ConfigError(
                f"There are no certificates in {place}, which {name} names.",
                cause=error.strerror or str(error),
                next_step=f"name a file of certificates (PEM) as {name}, or unset it",
            ) from error
    return context
