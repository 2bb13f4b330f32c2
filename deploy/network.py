"""The network as the environment describes it: proxies, whom to trust, and loopback, to which no proxy leads."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from pathlib import Path

LOOPBACK = "127.0.0.1"
"""Where this project's own servers listen."""

_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy")
_SPARED = ("NO_PROXY", "no_proxy")
"""Of each pair some programs know one, and most prefer the one in small letters."""
_OF_OPENSSL, _OF_REQUESTS = ("SSL_CERT_FILE", "SSL_CERT_DIR"), ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
CERTIFICATES = (*_OF_OPENSSL, *_OF_REQUESTS)
NETWORK = (*_PROXIES, *_SPARED, *CERTIFICATES)
"""Names of the variables by which programs learn how to reach the network."""
_NEVER = ("localhost", ".localhost", LOOPBACK, "127.0.0.0/8", "::1")
"""Loopback as NO_PROXY has it; not all that read it know about networks."""


def is_loopback(host: str) -> bool:
    """Of an address, in brackets or not, or a name: those below `localhost` are this machine, too (RFC 6761, 6.3)."""
    name = host.strip("[]").rstrip(".").lower()
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        return name == "localhost" or name.endswith(".localhost")
    return (getattr(address, "ipv4_mapped", None) or address).is_loopback


def completing(environ: Mapping[str, str]) -> dict[str, str]:
    """What to add to an environment so that programs of others reach the network as ours do.

    Loopback directly, where there is a proxy. And trusting whom requests is told to trust, as hf_xet knows the
    variables of OpenSSL alone.
    """
    added: dict[str, str] = {}
    if any(environ.get(name) for name in _PROXIES):
        kept = [entry.strip() for name in _SPARED for entry in environ.get(name, "").split(",")]
        spared = filter(None, (*kept, *(() if "*" in kept else _NEVER)))
        added |= dict.fromkeys(_SPARED, ",".join(dict.fromkeys(spared)))
    bundle = next((environ[name] for name in _OF_REQUESTS if environ.get(name)), "")
    if bundle and not any(environ.get(name) for name in _OF_OPENSSL):
        added["SSL_CERT_DIR" if Path(bundle).is_dir() else "SSL_CERT_FILE"] = bundle
    return added


def passed_on(environ: Mapping[str, str]) -> dict[str, str]:
    """What a program that gets an environment of its own must know of the network, written with requests or not."""
    given = {name: environ[name] for name in NETWORK if environ.get(name)}
    trusted = next((given[name] for name in (*_OF_REQUESTS, *_OF_OPENSSL) if name in given), "")
    return {**({_OF_REQUESTS[0]: trusted} if trusted else {}), **given, **completing(environ)}
